#include "reports/layout/storage.h"

#include "core/base/display_text.h"
#include "core/base/text.h"
#include "reports/figures/lineage.h"
#include "reports/figures/storage_bars.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <map>
#include <set>

namespace driftlens {
namespace {

constexpr std::size_t kDigestPrefix = 12;
// More are no figure for people, and every figure tells all of it in words: parts of all models
// (400 layers of ten models are within), and variants.
constexpr std::size_t kMostParts = 4096;
constexpr std::size_t kMostDrawnVariants = 64;

// The reference, then the variants.
std::vector<const Json*> modelsOf(const ReportView& view) {
    std::vector<const Json*> out = {&memberOf(view.found(), "reference")};
    for (const Json& variant : memberOf(view.found(), "variants"))
        out.push_back(&variantModel(view, variant));
    return out;
}

// Of several figures that are one, the last has the note.
void addFigures(const std::vector<std::string>& svgs, const std::string& title,
                const std::string& note, Blocks& out) {
    for (const std::string& svg : svgs)
        out.push_back(FigureBlock{svg, title, &svg == &svgs.back() ? note : ""});
}

// ---- lineage

std::string orDash(const Json& model, const char* key) {
    return displayText(textOf(memberOf(model, key), "–"));
}

LineageModel lineageModel(const std::string& name, const Json& model) {
    const std::string digest = textOf(memberOf(model, "digest"));
    LineageModel out{displayText(name), {}};
    out.lines = {orDash(model, "family") + ", stored as " + orDash(model, "stored_form"),
                 sizeText(model) + " of weights",
                 digest.empty() ? "no digest"
                                : "SHA-256 " + displayText(digest.substr(0, kDigestPrefix)) + "…"};
    return out;
}

// A recipe's steps, split at '+' outside quotes; "int4:group=32" is "int4, group=32".
std::vector<std::string> stepsOf(const std::string& scheme) {
    std::vector<std::string> out;
    if (scheme.empty() || scheme == "none") return out;
    out.emplace_back();
    bool isQuoted = false, isNamed = false;
    for (const char c : scheme) {
        if (c == '"') isQuoted = !isQuoted;
        if (c == '+' && !isQuoted) {
            out.emplace_back();
            isNamed = false;
        } else if (!isQuoted && (c == ',' || (c == ':' && !isNamed))) {
            out.back() += ", ";
            isNamed = true;
        } else {
            out.back() += c;
        }
    }
    return out;
}

LineageVariant lineageVariant(const ReportView& view, const Json& model) {
    const Json& reference = memberOf(view.found(), "reference");
    LineageVariant out;
    out.model = lineageModel(view.variantName(model), model);
    for (const std::string& step : stepsOf(textOf(memberOf(model, "scheme"))))
        out.steps.push_back(displayText(step));
    out.isDerived = textOf(memberOf(model, "path")) == textOf(memberOf(reference, "path"));
    const bool isPlain = stepsOf(textOf(memberOf(reference, "scheme"))).empty();
    out.origin = !out.isDerived ? "from files of its own"
                 : isPlain      ? "in memory, from the reference"
                                : "in memory, from the same files";
    if (!out.isDerived)
        out.steps.insert(out.steps.begin(), "how it was made: not recorded");
    else if (out.steps.empty())
        out.steps.push_back("as stored");
    return out;
}

std::string described(const LineageVariant& variant) {
    std::string out = variant.model.name + " " + variant.origin;
    for (const std::string& step : variant.steps) out += "; " + step;
    return out;
}

// ---- storage

// The parts of a model by name.
using Parts = std::map<std::string, const Json*>;

Parts partsOf(const Json& model) {
    Parts out;
    for (const Json& part : memberOf(model, "storage"))
        out.emplace(textOf(memberOf(part, "part")), &part);
    return out;
}

std::optional<double> share(const Json& part, const char* of, const char* whole, double factor) {
    const std::optional<double> own = numberOf(memberOf(part, of));
    const std::optional<double> all = numberOf(memberOf(part, whole));
    if (!own || !all || *all <= 0.0) return std::nullopt;
    return factor * *own / *all;
}

std::optional<double> bitsOf(const Json& part) {
    return share(part, "bytes", "weights", 8.0);
}

std::optional<double> zerosOf(const Json& part) {
    return share(part, "zeros", "matrix_weights", 1.0);
}

std::optional<StorageCell> cellOf(const Parts& parts, const std::string& name) {
    const auto found = parts.find(name);
    if (found == parts.end()) return std::nullopt;
    const Json& part = *found->second;
    const std::optional<double> bits = bitsOf(part);
    if (!bits) return std::nullopt;
    return StorageCell{displayText(textOf(memberOf(part, "form"))), *bits, zerosOf(part)};
}

// Every part that any of the models has, in the order of the forward pass.
std::vector<std::string> partNames(const std::vector<Parts>& models) {
    const auto place = [](const std::string& part) {
        constexpr std::string_view kBlocks = "blocks.";
        if (part == "embeddings") return -1.0;
        if (!part.starts_with(kBlocks)) return 1e18;
        const double block = std::strtod(part.c_str() + kBlocks.size(), nullptr);
        return std::isfinite(block) ? block : 1e18;  // a report's JSON may say anything
    };
    std::set<std::string> names;
    for (const Parts& parts : models)
        for (const auto& [name, part] : parts) names.insert(name);
    std::vector<std::string> out(names.begin(), names.end());
    std::stable_sort(out.begin(), out.end(), [&](const std::string& a, const std::string& b) {
        return place(a) < place(b);
    });
    return out;
}

std::string blockNumber(const std::string& part) {
    return part.starts_with("blocks.") ? part.substr(7) : "";
}

std::string partTitle(const std::string& first, const std::string& last) {
    if (blockNumber(first).empty()) return displayText(first);
    if (first == last) return "block " + displayText(blockNumber(first));
    return "blocks " + displayText(blockNumber(first)) + " to " + displayText(blockNumber(last));
}

// As it is printed, for what is alike on the page.
std::string printed(const StorageRow& row) {
    std::string out;
    for (const std::optional<StorageCell>& cell : row.cells)
        out += cell ? cell->form + ", " + storageText(*cell) + "\n" : "none\n";
    return out;
}

// Blocks in a row that are stored alike in every model are one.
std::vector<StorageRow> rowsOf(const std::vector<const Json*>& models) {
    std::vector<Parts> parts;
    for (const Json* model : models) parts.push_back(partsOf(*model));
    std::vector<StorageRow> out;
    std::string first, before;
    for (const std::string& part : partNames(parts)) {
        StorageRow row{partTitle(part, part), {}};
        for (const Parts& own : parts) row.cells.push_back(cellOf(own, part));
        const bool isOfTheSame = !out.empty() && !blockNumber(part).empty() &&
                                 !blockNumber(first).empty() && printed(row) == before;
        if (isOfTheSame) {
            out.back().part = partTitle(first, part);
            continue;
        }
        first = part;
        before = printed(row);
        out.push_back(std::move(row));
    }
    return out;
}

std::vector<std::string> namesOf(const ReportView& view, const std::vector<const Json*>& models) {
    std::vector<std::string> out = {"reference"};
    for (std::size_t i = 1; i < models.size(); ++i)
        out.push_back(displayText(view.variantName(*models[i])));
    return out;
}

void addStorageTable(const ReportView& view, const std::vector<const Json*>& models, Blocks& out) {
    Table table{"storage",
                "How each part of each model is stored. Zeros are of the blocks' matrices that are "
                "stored as floats.",
                {{"model"},
                 {"part"},
                 {"stored as"},
                 {"weights", ColumnKind::Number},
                 {"bytes", ColumnKind::Number},
                 {"bits per weight", ColumnKind::Number},
                 {"weights of matrices", ColumnKind::Number},
                 {"exact zeros", ColumnKind::Number}},
                {}};
    const auto number = [&](const std::optional<double>& value) {
        return value ? view.number(*value) : std::string();
    };
    for (const Json* model : models)
        for (const Json& part : memberOf(*model, "storage"))
            table.rows.push_back(
                {modelName(*model), textOf(memberOf(part, "part")), textOf(memberOf(part, "form")),
                 view.number(memberOf(part, "weights")), view.number(memberOf(part, "bytes")),
                 number(bitsOf(part)), view.number(memberOf(part, "matrix_weights")),
                 view.number(memberOf(part, "zeros"))});
    out.push_back(std::move(table));
}

// What the bars say, for those who cannot see them.
std::string described(const std::vector<std::string>& names, const std::vector<StorageRow>& rows) {
    std::string out;
    for (std::size_t m = 0; m < names.size(); ++m) {
        out += (out.empty() ? "" : " ") + names[m] + ":";
        const char* before = " ";
        for (const StorageRow& row : rows) {
            if (!row.cells[m]) continue;
            const std::string& form = row.cells[m]->form;
            out += before + row.part + " " + (form.empty() ? "" : form + ", ") +
                   storageText(*row.cells[m]);
            before = "; ";
        }
        out += ".";
    }
    return out;
}

}  // namespace

std::string sizeText(const Json& model) {
    const std::optional<double> bytes = numberOf(memberOf(model, "stored_bytes"));
    return bytes ? formatBytes(static_cast<unsigned long long>(*bytes)) : "–";
}

std::string bitsText(const ReportView& view, const Json& model) {
    const std::optional<double> bits = share(model, "stored_bytes", "parameters", 8.0);
    return bits ? view.number(*bits) : "–";
}

const Json& variantModel(const ReportView& view, const Json& variant) {
    return view.isDataset() ? variant : memberOf(variant, "model");
}

void addLineage(const ReportView& view, Blocks& out) {
    if (view.isExact()) return;
    const Json& reference = memberOf(view.found(), "reference");
    if (memberOf(view.found(), "variants").size() > kMostDrawnVariants) {
        out.push_back(Paragraph{"Where each variant comes from: too many variants to draw.", true});
        return;
    }
    std::vector<LineageVariant> variants;
    std::string said;
    bool isAllDerived = true;
    for (const Json& variant : memberOf(view.found(), "variants")) {
        variants.push_back(lineageVariant(view, variantModel(view, variant)));
        said += (said.empty() ? "" : ". ") + described(variants.back());
        isAllDerived = isAllDerived && variants.back().isDerived;
    }
    const std::string title = "Where each variant comes from";
    addFigures(lineageSvg(lineageModel(modelName(reference), reference), variants,
                          {title, "From " + displayText(modelName(reference)) + ": " + said + "."}),
               title,
               "From the reference, through what was done in that order, to each variant." +
                   std::string(isAllDerived ? ""
                                            : " A dashed line: the variant is another set of "
                                              "files, and nothing on record says how they were "
                                              "made."),
               out);
}

void addStorage(const ReportView& view, Blocks& out) {
    const std::vector<const Json*> models = modelsOf(view);
    const bool isRecorded = std::any_of(models.begin(), models.end(), [](const Json* model) {
        return !memberOf(*model, "storage").empty();
    });
    if (!isRecorded) {
        out.push_back(
            Paragraph{"Bits per weight and zeros by layer: not recorded. The run is of an "
                      "earlier version of this program.",
                      true});
        return;
    }
    if (view.isExact()) return addStorageTable(view, models, out);
    std::size_t parts = 0;  // of all models: at least as many as there are rows
    for (const Json* model : models) parts += memberOf(*model, "storage").size();
    if (parts > kMostParts || models.size() > kMostDrawnVariants + 1) {
        out.push_back(
            Paragraph{"Bits per weight and zeros by layer: too many parts to draw; the "
                      "table storage.csv has them.",
                      true});
        return;
    }
    const std::vector<std::string> names = namesOf(view, models);
    const std::vector<StorageRow> rows = rowsOf(models);
    const std::string title = "Bits per weight and zeros, by layer";
    const std::string note =
        "Blocks in a row that are stored alike in every model stand together. Zeros are counted "
        "where weights are stored as floats; packed weights would have to be unpacked for it.";
    addFigures(storageBarsSvg(names, rows, {title, described(names, rows)}), title, note, out);
}

}  // namespace driftlens
