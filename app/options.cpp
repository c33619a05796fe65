#include "app/options.h"

#include "core/base/text.h"
#include "core/files/mapped_file.h"
#include "xai/methods/method.h"
#include "xai/methods/presets.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <csignal>
#include <cstdio>
#include <iostream>
#include <stop_token>
#include <unistd.h>

namespace driftlens {

VerbOptions::VerbOptions(std::string usage, std::string summary, std::string example)
    : m_usage(std::move(usage)), m_summary(std::move(summary)), m_example(std::move(example)) {}

po::options_description& VerbOptions::add(const std::string& group) {
    m_groups.push_back(std::make_unique<po::options_description>(group, 100));
    return *m_groups.back();
}

void VerbOptions::positional(const std::string& name, int count) {
    m_hidden.add_options()(name.c_str(), po::value<std::vector<std::string>>());
    m_positional.add(name.c_str(), count);
}

bool VerbOptions::parse(const Arguments& arguments) {
    add("Help").add_options()("help", po::bool_switch(), "print this");
    po::options_description all;
    for (const auto& group : m_groups) all.add(*group);
    po::options_description everything;
    everything.add(all).add(m_hidden);
    try {
        using namespace po::command_line_style;
        const int style = (unix_style & ~allow_guessing) & ~allow_short;
        po::store(po::command_line_parser(arguments)
                      .options(everything)
                      .positional(m_positional)
                      .style(style)
                      .run(),
                  m_values);
        po::notify(m_values);
    } catch (const po::error& error) {
        throw Error(ErrorKind::Usage, std::string(error.what()) + "; see --help");
    }
    if (!flag("help")) return true;
    std::cout << "usage: driftlens " << m_usage << "\n\n"
              << m_summary << "\n\n"
              << all << "\nexample: " << m_example << "\n";
    return false;
}

bool VerbOptions::yesOrNo(const std::string& name) const {
    const std::string given = text(name);
    if (given != "yes" && given != "no")
        throw Error(ErrorKind::Usage, "--" + name + " " + inQuotes(given) + ": yes or no");
    return given == "yes";
}

std::vector<std::string> VerbOptions::list(const std::string& name) const {
    return m_values.count(name) > 0 ? m_values[name].as<std::vector<std::string>>()
                                    : std::vector<std::string>{};
}

void addPromptOptions(VerbOptions& options) {
    options.add("Input").add_options()("prompt", po::value<std::string>(), "the text")(
        "ids", po::value<std::string>(), "token ids instead of a text: 5,17,2");
}

void addPairOption(VerbOptions& options) {
    options.add("Text pair")
        .add_options()("pair", po::value<std::string>(), "a second text, for models that take two");
}

void addTargetOptions(VerbOptions& options, const std::string& defaultQuantity) {
    options.add("Target").add_options()(
        "target", po::value<std::string>()->default_value("top"),
        "top, margin, class:1, token:ID, token:\" lamp\", contrast:A|B, text:\" more\"")(
        "quantity", po::value<std::string>()->default_value(defaultQuantity),
        "logit, probability, log_probability")(
        "position", po::value<std::string>(),
        "the token whose answer is explained (default: the last, or the mask token)");
}

namespace {

// Of a method's row.
void addTextFile(po::options_description& group, const MethodEntry& method,
                 const TextFileInfo& file) {
    const bool isOne = file.most == 1;
    const std::string often = isOne            ? ""
                              : file.least > 1 ? "; " + std::to_string(file.least) + " or more"
                                               : "; repeatable";
    const std::string meaning = (file.isNamed ? "NAME=FILE: " : "FILE: ") +
                                std::string(file.meaning) + ", one per line (" +
                                std::string(method.id) + ")" + often;
    // The group owns it: one alone is made.
    const po::value_semantic* value = nullptr;
    if (isOne)
        value = po::value<std::string>();
    else
        value = po::value<std::vector<std::string>>()->composing();
    group.add_options()(std::string(file.option).c_str(), value, meaning.c_str());
}

// Of every method that is asked for; one that none of them takes is a mistake.
ConceptRequest readTextFiles(const VerbOptions& options,
                             const std::vector<MethodRequest>& requests) {
    ConceptRequest out;
    for (const MethodEntry& method : methods()) {
        const bool isAsked =
            std::any_of(requests.begin(), requests.end(),
                        [&](const MethodRequest& request) { return request.id == method.id; });
        std::string known;
        bool isGiven = false;
        for (const TextFileInfo& file : method.files) {
            const std::string name(file.option);
            const bool isLast = &file == &method.files.back();
            known += (known.empty() ? "--" : isLast ? " and --" : ", --") + name;
            isGiven = isGiven || options.has(name);
            if (!options.has(name)) continue;
            const std::vector<std::string> given =
                file.most == 1 ? std::vector{options.text(name)} : options.list(name);
            for (const std::string& each : given) out.add(file.option, each);
        }
        if (isGiven && !isAsked)
            throw Error(ErrorKind::Usage, known + " are for --method " + std::string(method.id) +
                                              ", which is not asked");
    }
    return out;
}

}  // namespace

void addMethodOptions(VerbOptions& options) {
    std::string known;
    for (const MethodEntry& method : methods())
        known += (known.empty() ? "" : ", ") + std::string(method.id);
    options.add("Method").add_options()(
        "method", po::value<std::vector<std::string>>()->composing(),
        ("ID[:key=value,…], repeatable; all: every one that can explain this (explain alone); " +
         known)
            .c_str())("set", po::value<std::vector<std::string>>()->composing(),
                      "NAME=VALUE for every method that has it")(
        "preset", po::value<std::string>()->default_value("default"),
        ("settings of another library: " + presetNames()).c_str())(
        "layer", po::value<std::string>(), "block that is meant, as --set layer=N");
    po::options_description& texts = options.add("Texts of a method");
    for (const MethodEntry& method : methods())
        for (const TextFileInfo& file : method.files) addTextFile(texts, method, file);
}

void addComputeOptions(VerbOptions& options) {
    options.add("Computing")
        .add_options()("compute", po::value<std::string>()->default_value("float32"),
                       "float32, bfloat16, float16, float64")(
            "device", po::value<std::string>()->default_value("cpu"), "cpu")(
            "threads", po::value<std::string>()->default_value("0"), "0: all cores")(
            "batch", po::value<std::string>()->default_value("0"),
            "rows of a micro-batch; 0: planned")("memory",
                                                 po::value<std::string>()->default_value("0"),
                                                 "bytes, or 2G; 0: half of what is free")(
            "seed", po::value<std::string>()->default_value("0"), "of random draws");
}

void addOutputOptions(VerbOptions& options, const std::string& outFile) {
    options.add("Output").add_options()("json", po::bool_switch(), "one JSON object")(
        "out", po::value<std::string>(), outFile.c_str())(
        "log", po::value<std::string>(), "audit log to write to")("quiet", po::bool_switch(),
                                                                  "no progress");
}

std::int64_t parseInteger(const std::string& text, const std::string& what) {
    std::int64_t value = 0;
    const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (status != std::errc() || end != text.data() + text.size()) {
        throw Error(ErrorKind::Usage, what + " " + inQuotes(text) + " is not an integer");
    }
    return value;
}

std::uint64_t parseCount(const std::string& text, const std::string& what) {
    const std::int64_t value = parseInteger(text, what);
    if (value < 0) throw Error(ErrorKind::Usage, what + " " + inQuotes(text) + " is negative");
    return static_cast<std::uint64_t>(value);
}

double parseNumber(const std::string& text, const std::string& what) {
    double value = 0.0;
    const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (status != std::errc() || end != text.data() + text.size() || !std::isfinite(value))
        throw Error(ErrorKind::Usage, what + " " + inQuotes(text) + " is no number");
    return value;
}

std::vector<std::int64_t> parseIds(const std::string& text) {
    std::vector<std::int64_t> out;
    for (const std::string& part : splitText(text, ','))
        out.push_back(parseInteger(std::string(trimmed(part)), "token id"));
    return out;
}

namespace {

constexpr const char* kEveryMethod = "all";

std::uint64_t parseMemory(std::string text) {
    std::uint64_t unit = 1;
    if (!text.empty() && (text.back() == 'G' || text.back() == 'M' || text.back() == 'K')) {
        unit = text.back() == 'G' ? 1ULL << 30U : text.back() == 'M' ? 1ULL << 20U : 1ULL << 10U;
        text.pop_back();
    }
    const std::int64_t value = parseInteger(text, "--memory");
    if (value < 0 || value > (std::int64_t{1} << 40))
        throw Error(ErrorKind::Usage, "--memory is out of range");
    return static_cast<std::uint64_t>(value) * unit;
}

// --set applies to every asked method that has the setting; one that none has is a mistake.
void applySettings(const std::vector<std::string>& settings, std::vector<MethodRequest>& requests) {
    for (const std::string& setting : settings) {
        const std::size_t equals = setting.find('=');
        if (equals == std::string::npos)
            throw Error(ErrorKind::Usage, "--set " + inQuotes(setting) + " is no NAME=VALUE");
        const std::string name = setting.substr(0, equals);
        bool isUsed = false;
        for (MethodRequest& request : requests) {
            if (!request.settings.contains(name)) continue;
            request.settings[name] = setting.substr(equals + 1);
            request = MethodRequest::parse(formatNamedSettings(request.id, request.settings));
            isUsed = true;
        }
        if (!isUsed)
            throw Error(ErrorKind::Usage,
                        "--set " + inQuotes(name) + ": no asked method has this setting");
    }
}

std::stop_source& stopSource() {
    static std::stop_source source;
    return source;
}

// request_stop takes no lock where no callback is registered, and none is.
void onInterrupt(int) {
    stopSource().request_stop();
}

}  // namespace

ComputeOptions readComputeOptions(const VerbOptions& options) {
    ComputeOptions out;
    out.compute = parseComputeType(options.text("compute"));
    out.device = options.text("device");
    if (out.device != "cpu") {
        throw Error(ErrorKind::Unsupported,
                    "device " + inQuotes(out.device) + " is not supported; supported: cpu");
    }
    out.threads = static_cast<int>(parseInteger(options.text("threads"), "--threads"));
    out.batch = parseInteger(options.text("batch"), "--batch");
    if (out.threads < 0 || out.threads > 1024)
        throw Error(ErrorKind::Usage, "--threads " + options.text("threads") + " is not 0 to 1024");
    if (out.batch < 0 || out.batch > 65536)
        throw Error(ErrorKind::Usage, "--batch " + options.text("batch") + " is not 0 to 65536");
    out.memoryBytes = parseMemory(options.text("memory"));
    out.seed = static_cast<std::uint64_t>(parseInteger(options.text("seed"), "--seed"));
    return out;
}

PromptRequest readPromptRequest(const VerbOptions& options) {
    if (options.has("prompt") == options.has("ids")) {
        throw Error(ErrorKind::Usage, "give either --prompt TEXT or --ids 5,17,2");
    }
    PromptRequest out = readRequestWithoutPrompt(options);
    if (options.has("prompt")) out.prompt = options.text("prompt");
    if (options.has("ids")) out.ids = parseIds(options.text("ids"));
    return out;
}

PromptRequest readRequestWithoutPrompt(const VerbOptions& options) {
    PromptRequest out;
    out.target.text = options.text("target");
    out.target.quantity = parseQuantity(options.text("quantity"));
    if (options.has("position"))
        out.target.position = parseInteger(options.text("position"), "--position");
    out.methods = readMethods(options);
    const std::vector<std::string> asked = options.list("method");
    out.leavesOutImpossible = std::find(asked.begin(), asked.end(), kEveryMethod) != asked.end();
    out.concepts = readTextFiles(options, out.methods);
    out.compute = readComputeOptions(options);
    return out;
}

std::vector<MethodRequest> readMethods(const VerbOptions& options) {
    std::vector<MethodRequest> out;
    // Verbs without methods have no presets either.
    const std::string preset = options.has("preset") ? options.text("preset") : "";
    for (const std::string& method : options.list("method")) {
        if (method != kEveryMethod) {
            out.push_back(MethodRequest::parse(method, preset));
            continue;
        }
        for (MethodRequest& each : MethodRequest::all()) out.push_back(std::move(each));
    }
    if (out.empty()) out.push_back(MethodRequest::parse("integrated_gradients", preset));
    std::vector<std::string> settings = options.list("set");
    if (options.has("layer")) settings.push_back("layer=" + options.text("layer"));
    applySettings(settings, out);
    return out;
}

std::string onlyModel(const VerbOptions& options) {
    const std::vector<std::string> models = options.list("model");
    if (models.size() != 1) throw Error(ErrorKind::Usage, "give one model; see --help");
    return models.front();
}

std::unique_ptr<AuditLog> openLog(const VerbOptions& options) {
    return options.has("log") ? AuditLog::openForWriting(options.text("log")) : nullptr;
}

void emit(const VerbOptions& options, const std::string& text) {
    if (options.has("out")) {
        writeFileAtomically(options.text("out"), text);
        return;
    }
    std::cout << text << std::flush;
    if (!std::cout) throw Error(ErrorKind::Io, "standard output cannot be written");
}

RunContext terminalContext(const VerbOptions& options) {
    std::signal(SIGINT, &onInterrupt);
    std::signal(SIGTERM, &onInterrupt);
    const bool isShown = !options.flag("quiet") && ::isatty(STDERR_FILENO) != 0;
    if (!isShown) return RunContext(stopSource().get_token());
    return RunContext(stopSource().get_token(), [](double fraction, std::string_view stage) {
        std::fprintf(stderr, "\r\033[K%3.0f %% %.*s", 100.0 * fraction,
                     static_cast<int>(stage.size()), stage.data());
        if (fraction >= 1.0) std::fprintf(stderr, "\r\033[K");
    });
}

}  // namespace driftlens
