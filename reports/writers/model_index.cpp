#include "reports/writers/model_index.h"

#include "core/base/display_text.h"
#include "core/base/error.h"
#include "core/base/text.h"
#include "core/tokenizer/aligned_text.h"
#include "reports/document/json_view.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <optional>
#include <string_view>
#include <vector>

namespace driftlens {
namespace {

// The Hub's name of a task; empty for one that it has no name for.
std::string hubTask(const std::string& task) {
    if (task == "classification") return "text-classification";
    if (task == "causal_lm") return "text-generation";
    if (task == "masked_lm") return "fill-mask";
    return "";
}

struct Metric {
    std::string type, name;
    double value = 0.0;
    std::optional<double> examples;  // that it is of, where the report says so
};

// A figure of a variant, and what it is called there. {REF}: the reference's name.
struct MetricRow {
    const char* path;  // of a figure below a variant
    const char* type;
    const char* name;
};
constexpr std::array<MetricRow, 6> kOfVariants = {{
    {"/figures/accuracy", "accuracy", "Accuracy"},
    {"/tokens/perplexity", "perplexity", "Perplexity"},
    {"/figures/kl", "kl_divergence", "KL divergence (nats) of the answers from those of {REF}"},
    {"/figures/reverse_kl", "reverse_kl_divergence",
     "KL divergence (nats) of {REF}'s answers from these"},
    {"/figures/js", "js_divergence",
     "Jensen-Shannon divergence (bits) of the answers from those of {REF}"},
    {"/figures/flip_rate", "flip_rate", "Share of examples whose answer is not that of {REF}"},
}};
// Of the reference, as a variant's examples give it.
constexpr std::array<MetricRow, 2> kOfReference = {{
    {"/figures/reference_accuracy", "accuracy", "Accuracy"},
    {"/tokens/reference_perplexity", "perplexity", "Perplexity"},
}};

std::string withReference(std::string_view name, const std::string& reference) {
    constexpr std::string_view kPlace = "{REF}";
    std::string out(name);
    const std::size_t at = out.find(kPlace);
    return at == std::string::npos ? out : out.replace(at, kPlace.size(), reference);
}

template <std::size_t kRows>
std::vector<Metric> metricsOf(const Json& variant, const std::array<MetricRow, kRows>& rows,
                              const std::string& reference) {
    std::vector<Metric> out;
    for (const MetricRow& row : rows)
        if (const std::optional<double> value =
                numberOf(valueAt(variant, std::string(row.path) + "/value")))
            out.push_back({row.type, withReference(row.name, reference), *value,
                           numberOf(valueAt(variant, std::string(row.path) + "/examples"))});
    return out;
}

// What every variant says alike. A figure of the reference is of the examples on which the variant
// did not fail either: where they differ, it is no figure of the reference alone.
std::vector<Metric> referenceMetrics(const Json& variants, const std::string& reference) {
    std::vector<Metric> out;
    for (const MetricRow& row : kOfReference) {
        std::vector<Metric> said;
        for (const Json& variant : variants)
            for (Metric& own : metricsOf(variant, std::array<MetricRow, 1>{row}, reference))
                said.push_back(std::move(own));
        const bool isOne = std::all_of(said.begin(), said.end(), [&](const Metric& own) {
            return own.value == said.front().value && own.examples == said.front().examples;
        });
        if (!said.empty() && isOne) out.push_back(said.front());
    }
    return out;
}

// Numbers that YAML reads as such: 1e-05 has no dot, and YAML 1.1 would take it for a text.
std::string yamlNumber(double value) {
    std::string out = exactNumber(value);
    const std::size_t exponent = out.find('e');
    if (exponent != std::string::npos && out.find('.') == std::string::npos)
        out.insert(exponent, ".0");
    return out;
}

class ModelIndex {
public:
    ModelIndex(const Json& report, const std::string& sha256)
        : m_data(memberOf(report, "dataset")), m_sha256(sha256) {}

    // Empty where the report has no figure that it could carry.
    std::string text() {
        const Json& reference = memberOf(m_data, "reference");
        const std::string name = displayText(modelName(reference));
        const Json& variants = memberOf(m_data, "variants");
        add(reference, name, referenceMetrics(variants, name));
        for (const Json& variant : variants)
            add(variant, displayText(modelName(variant)), metricsOf(variant, kOfVariants, name));
        return m_out.empty() ? "" : "model-index:\n" + m_out;
    }

private:
    void line(int indent, const std::string& text) {
        m_out += std::string(static_cast<std::size_t>(indent), ' ') + text + "\n";
    }

    void add(const Json& model, const std::string& name, const std::vector<Metric>& metrics) {
        if (metrics.empty()) return;
        line(0, "- name: " + yamlText(name));
        line(2, "results:");
        line(2, "- task:");
        line(6, "type: " + hubTask(textOf(memberOf(memberOf(m_data, "reference"), "task"))));
        addData();
        line(4, "metrics:");
        for (const Metric& metric : metrics) {
            line(4, "- type: " + metric.type);
            line(6, "name: " + yamlText(metric.name));
            line(6, "value: " + yamlNumber(metric.value));
            line(6, "args:");
            if (metric.examples) line(8, "examples: " + formatNumber(*metric.examples, 15));
            line(8, "model_sha256: " + yamlText(textOf(memberOf(model, "digest"))));
            line(8, "report_sha256: " + yamlText(m_sha256));
        }
    }

    // Not of the Hub: what identifies it is the digest.
    void addData() {
        const std::filesystem::path file = textOf(valueAt(m_data, "/data/file"), "data");
        line(4, "dataset:");
        line(6, "type: " + yamlText(displayText(file.stem().string())));
        line(6, "name: " + yamlText(displayText(file.filename().string())));
        line(6, "args:");
        line(8, "sha256: " + yamlText(textOf(valueAt(m_data, "/data/digest"))));
        if (const std::optional<double> examples = numberOf(memberOf(m_data, "examples")))
            line(8, "examples: " + formatNumber(*examples, 15));
    }

    const Json& m_data;
    const std::string& m_sha256;
    std::string m_out;
};

}  // namespace

std::string yamlText(std::string_view text) {
    const std::string safe = isValidUtf8(text) ? std::string(text) : textForXml(text);
    std::string out = "\"";
    for (std::size_t at = 0; at < safe.size();) {
        const char32_t point = nextPoint(safe, at);
        std::array<char, 16> escaped{};
        if (point == U'"' || point == U'\\') {
            out += '\\';
            out += static_cast<char>(point);
        } else if (point >= 0x20 && point < 0x7F) {
            out += static_cast<char>(point);
        } else {
            std::snprintf(escaped.data(), escaped.size(), point > 0xFFFF ? "\\U%08X" : "\\u%04X",
                          static_cast<unsigned>(point));
            out += escaped.data();
        }
    }
    return out + "\"";
}

std::string whyNoModelIndex(const Json& report) {
    if (!report.contains("dataset"))
        return "a model-index is of results on a data set; this report is of one prompt (compare "
               "--data makes one of a data set)";
    const std::string task = textOf(valueAt(report, "/dataset/reference/task"));
    if (task.empty())
        return "a model-index names the models' task, which this run of an earlier version did not "
               "record";
    if (hubTask(task).empty()) return "the Hub has no name for the task " + inQuotes(task);
    const std::string noDigest;
    if (ModelIndex(report, noDigest).text().empty())
        return "the report has no figure of the answers that it could carry";
    return "";
}

std::string toModelIndex(const Json& report, const std::string& reportSha256) {
    if (const std::string why = whyNoModelIndex(report); !why.empty())
        throw Error(ErrorKind::Unsupported, "model-index: " + why);
    return ModelIndex(report, reportSha256).text();
}

}  // namespace driftlens
