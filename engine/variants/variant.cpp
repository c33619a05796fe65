#include "engine/variants/variant.h"

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/model/loader.h"
#include "engine/schemes/scheme.h"
#include "engine/variants/model_source.h"
#include "engine/variants/storage.h"

#include <algorithm>
#include <set>
#include <system_error>

namespace driftlens {
namespace {

bool isPath(std::string_view text) {
    std::error_code status;
    return std::filesystem::exists(std::filesystem::path(text), status);
}

// Splits a recipe at '+' outside quotes.
std::vector<std::string> splitSteps(std::string_view text) {
    std::vector<std::string> out(1);
    bool isQuoted = false;
    for (const char c : text) {
        if (c == '"') isQuoted = !isQuoted;
        if (c == '+' && !isQuoted) {
            out.emplace_back();
        } else {
            out.back() += c;
        }
    }
    return out;
}

// The last '@' outside quotes.
std::size_t findRecipe(std::string_view argument) {
    std::size_t found = std::string_view::npos;
    bool isQuoted = false;
    for (std::size_t i = 0; i < argument.size(); ++i) {
        if (argument[i] == '"') isQuoted = !isQuoted;
        if (argument[i] == '@' && !isQuoted) found = i;
    }
    return found;
}

// A step as "id:key=value,…"; "id=value" is short for it where a scheme has a main setting.
NamedSettings parseStep(const std::string& step) {
    const std::size_t equals = step.find('=');
    if (equals >= step.find(':')) return parseNamedSettings(step, "scheme");
    const SchemeEntry& scheme = schemeNamed(step.substr(0, equals));
    if (scheme.mainSetting.empty()) {
        throw Error(ErrorKind::Usage, "scheme " + inQuotes(step) + ": settings are given as " +
                                          std::string(scheme.id) + ":key=value");
    }
    return parseNamedSettings(
        std::string(scheme.id) + ":" + std::string(scheme.mainSetting) + step.substr(equals),
        "scheme");
}

void requireMainSetting(const SchemeEntry& scheme, const ParameterSet& settings) {
    if (scheme.mainSetting.empty() || !settings.text(scheme.mainSetting).empty()) return;
    throw Error(ErrorKind::Usage, "scheme " + std::string(scheme.id) + ": give " +
                                      std::string(scheme.id) + "=VALUE, the " +
                                      std::string(scheme.mainSetting));
}

// A recipe with only the settings that differ from their defaults.
std::string withoutDefaults(std::string_view recipe) {
    std::string out;
    for (const std::string& step : splitSteps(recipe)) {
        NamedSettings named = parseNamedSettings(step, "scheme");
        for (const ParameterInfo& parameter : schemeNamed(named.name).parameters) {
            const auto given = named.settings.find(std::string(parameter.name));
            if (given != named.settings.end() && given->second == parameter.fallback)
                named.settings.erase(given);
        }
        out += (out.empty() ? "" : "+") + formatNamedSettings(named.name, named.settings);
    }
    return out;
}

std::string storedForms(const Model& model) {
    std::set<std::string> forms;
    for (const std::string& name : model.blockLinearNames()) {
        forms.insert(model.weights().linears.at(name)->info().form);
    }
    std::string out;
    for (const std::string& form : forms) out += (out.empty() ? "" : ", ") + form;
    return out;
}

}  // namespace

VariantSpec VariantSpec::parse(std::string_view argument) {
    VariantSpec out;
    const std::size_t split = findRecipe(argument);
    if (isPath(argument) || split == std::string_view::npos) {
        out.path = std::filesystem::path(argument);
        return out;
    }
    out.path = std::filesystem::path(argument.substr(0, split));
    for (const std::string& step : splitSteps(argument.substr(split + 1))) {
        const NamedSettings named = parseStep(step);
        const SchemeEntry& scheme = schemeNamed(named.name);
        const ParameterSet checked("scheme " + named.name, scheme.parameters, named.settings);
        requireMainSetting(scheme, checked);
        out.steps.push_back({named.name, checked.all()});
    }
    return out;
}

std::string VariantSpec::schemeText() const {
    std::string out;
    for (const SchemeStep& step : steps) {
        out += (out.empty() ? "" : "+") + formatNamedSettings(step.id, step.parameters);
    }
    return out.empty() ? "none" : out;
}

std::string ModelIdentity::name() const {
    const std::filesystem::path given(path);
    const std::string last =
        given.has_filename() ? given.filename().string() : given.parent_path().filename().string();
    return scheme == "none" ? last : last + "@" + withoutDefaults(scheme);
}

namespace {

// Names, sizes and times of the files behind a path: other ones mean another model.
using FileStamps =
    std::map<std::string, std::pair<std::uintmax_t, std::filesystem::file_time_type>>;

FileStamps stampsOf(const std::filesystem::path& path) {
    FileStamps out;
    std::error_code ignored;  // what cannot be read here is an error where it is opened
    const auto add = [&](const std::filesystem::path& file) {
        out[file.filename().string()] = {std::filesystem::file_size(file, ignored),
                                         std::filesystem::last_write_time(file, ignored)};
    };
    if (!std::filesystem::is_directory(path, ignored)) {
        add(path);
        return out;
    }
    for (const auto& entry : std::filesystem::directory_iterator(path, ignored))
        if (entry.is_regular_file(ignored)) add(entry.path());
    return out;
}

// Files that settings name (adapters) may change too: such a variant is made anew each time.
bool readsFiles(const VariantSpec& spec) {
    return std::any_of(spec.steps.begin(), spec.steps.end(), [](const SchemeStep& step) {
        return schemeNamed(step.id).files != nullptr;
    });
}

}  // namespace

struct VariantLoader::State {
    struct Base {
        std::shared_ptr<const ModelSource> source;
        std::vector<FileDigest> files;
        FileStamps stamps;
        std::map<std::string, std::shared_ptr<const Model>> made;  // by scheme, if they are kept
        std::map<std::string, std::vector<StoredPart>> storage;    // by scheme
    };
    Keeps keeps = Keeps::Sources;
    std::map<std::string, Base> bases;

    Base& baseOf(const VariantSpec& spec, bool withDigests) {
        Base& base = bases[spec.path.string()];
        FileStamps stamps = stampsOf(spec.path);
        if (base.source == nullptr || base.stamps != stamps) {
            base = Base{};  // so that a failure leaves nothing behind
            base.source = ModelSource::open(spec.path);
            base.stamps = std::move(stamps);
        }
        if (withDigests && base.files.empty()) base.files = base.source->digests();
        return base;
    }
};

namespace {

// As counted once: of schemes whose files may change, each time.
std::vector<StoredPart> countedStorage(const VariantSpec& spec, const Model& model,
                                       std::map<std::string, std::vector<StoredPart>>& known,
                                       const RunContext& context) {
    if (readsFiles(spec)) return storageOf(model, context);
    const auto found = known.find(spec.schemeText());
    if (found != known.end()) return found->second;
    return known[spec.schemeText()] = storageOf(model, context);
}

}  // namespace

VariantLoader::VariantLoader(Keeps keeps) : m_state(std::make_unique<State>()) {
    m_state->keeps = keeps;
}
VariantLoader::~VariantLoader() = default;

void VariantLoader::keepOnly(std::span<const VariantSpec> specs) {
    std::map<std::string, std::set<std::string>> needed;
    for (const VariantSpec& spec : specs) needed[spec.path.string()].insert(spec.schemeText());
    std::erase_if(m_state->bases, [&](const auto& base) { return !needed.contains(base.first); });
    for (auto& [path, base] : m_state->bases)
        std::erase_if(base.made,
                      [&](const auto& made) { return !needed[path].contains(made.first); });
}

LoadedVariant VariantLoader::load(const VariantSpec& spec, const ComputeOptions& options,
                                  bool withDigests, const RunContext& context) {
    State::Base& base = m_state->baseOf(spec, withDigests);
    const auto made = base.made.find(spec.schemeText());
    const bool isMade = made != base.made.end();
    LoadedVariant out;
    out.source = base.source;
    out.model = isMade ? made->second : base.source->loaded().model;
    std::vector<FileDigest> files = base.files;
    for (const SchemeStep& step : spec.steps) {
        const SchemeEntry& scheme = schemeNamed(step.id);
        const ParameterSet settings("scheme " + step.id, scheme.parameters, step.parameters);
        if (!isMade) out.model = scheme.apply(*out.model, settings, context);
        if (!withDigests || scheme.files == nullptr) continue;
        for (FileDigest& file : scheme.files(settings)) files.push_back(std::move(file));
    }
    if (m_state->keeps == Keeps::Variants && !spec.steps.empty() && !isMade && !readsFiles(spec))
        base.made[spec.schemeText()] = out.model;
    out.tokenizer = base.source->tokenizer();
    out.whyNoTexts = base.source->whyNoTexts();
    out.identity.path = spec.path.string();
    out.identity.family = out.model->spec().family;
    out.identity.task = std::string(taskName(out.model->spec().task));
    out.identity.scheme = spec.schemeText();
    out.identity.storedForm = storedForms(*out.model);
    out.identity.compute = std::string(computeTypeName(options.compute));
    out.identity.files = std::move(files);
    out.identity.parameters = out.model->parameterCount();
    out.identity.storedBytes = out.model->storedBytes();
    if (withDigests) {
        out.identity.storage = countedStorage(spec, *out.model, base.storage, context);
        const Sha256 manifest = manifestDigest(out.identity.files);
        out.identity.digest = toHex(manifest);
        if (!spec.steps.empty()) {
            out.identity.digest = toHex(sha256(out.identity.digest + "@" + out.identity.scheme));
        }
    }
    return out;
}

}  // namespace driftlens
