#include "tests/reports/sample_report.h"

#include "engine/compare/explain.h"
#include "reports/document/document.h"

namespace driftlens {
namespace {

const Json kEnvironment = {{"version", "0.1.0"}, {"processor", "a machine"}, {"threads", 1}};

Json model(const std::string& name, const std::string& scheme, int bytes) {
    return {{"path", "models/" + name},       {"name", name},       {"family", "bert"},
            {"digest", std::string(64, 'a')}, {"scheme", scheme},   {"compute", "float32"},
            {"stored_form", "F32"},           {"parameters", 1000}, {"stored_bytes", bytes},
            {"task", "classification"}};
}

Json variant(const std::string& name, bool flips, std::size_t tokens) {
    std::vector<double> before(tokens, 0.01), after(tokens, 0.01);
    if (tokens > 0) before[0] = after[0] = 0.8;
    if (tokens > 1) before[1] = -0.5;
    if (tokens > 1 && flips) after[1] = 0.9;
    return {{"model", model(name, "int4", 500)},
            {"fidelity",
             {{"kl", flips ? 0.4 : 0.001},
              {"reverse_kl", 0.3},
              {"js", 0.1},
              {"flip", flips},
              {"probability_change", flips ? -0.6 : -0.01},
              {"reference_top", {{"id", 1}, {"text", "positive"}, {"probability", 0.9}}},
              {"variant_top", {{"id", 0}, {"text", flips ? "negative" : "positive"}}}}},
            {"explanations", Json::array({{{"method", "occlusion"},
                                           {"settings", {{"replace", "mask"}}},
                                           {"baseline", "mask"},
                                           {"reference_scores", before},
                                           {"variant_scores", after},
                                           {"reference_gap", nullptr},
                                           {"variant_gap", nullptr},
                                           {"agreement",
                                            {{"spearman", nullptr},
                                             {"cosine", 0.5},
                                             {"undefined", {{"spearman", "too few tokens"}}}}},
                                           {"largest_difference", flips ? 1.4 : 0.0},
                                           {"yardsticks",
                                            {{"repeatability",
                                              {{"float64", {{"largest_difference", 1e-6}}},
                                               {"batch_shape", {{"largest_difference", 2e-6}}}}}}},
                                           {"verdict", "above numerical noise"}}})},
            {"warnings", Json::array()}};
}

Json figure(double value) {
    return {{"value", value},      {"low", value / 2},
            {"high", value * 1.5}, {"p", 0.01},
            {"examples", 12},      {"yardsticks", {{"repeatability", {{"float64", 0.001}}}}}};
}

}  // namespace

Json sampleComparison(const std::vector<std::string>& tokens) {
    Json list = Json::array();
    std::string prompt;
    for (const std::string& token : tokens) {
        list.push_back({{"id", 5}, {"text", token}, {"start", nullptr}, {"end", nullptr}});
        prompt += (prompt.empty() ? "" : " ") + token;
    }
    return {{"schema", "driftlens/compare/1"},
            {"reference", model("base", "none", 4000)},
            {"prompt", prompt},
            {"tokens", list},
            {"target", {{"quantity", "log_probability"}, {"text", "positive"}}},
            {"variants", Json::array({variant("base@int8", false, tokens.size()),
                                      variant("base@int4", true, tokens.size())})},
            {"warnings", Json::array()}};
}

Json samplePromptReport(const std::vector<std::string>& tokens) {
    ReportParts parts;
    parts.command = "driftlens compare base base@int4";
    parts.createdUtc = "2026-01-31T12:00:00Z";
    parts.environment = kEnvironment;
    parts.comparison = sampleComparison(tokens);
    return makeReport(parts);
}

Json sampleDataset(std::size_t examples, const std::string& verdict) {
    Json reference = model("base", "none", 4000);
    reference["files"] = Json::array(
        {{{"name", "model.safetensors"}, {"size", 4096}, {"sha256", std::string(64, 'f')}}});
    Json own = {
        {"model", "base@int4"},
        {"path", "models/base"},
        {"digest", std::string(64, 'c')},
        {"scheme", "int4"},
        {"failed_examples", 0},
        {"figures",
         {{"flip_rate", figure(0.1)},
          {"kl", figure(0.2)},
          {"accuracy", {{"value", nullptr}, {"undefined", "no labels"}}},
          {"occlusion", {{"spearman", figure(0.7)}}}}},
        {"verdicts", Json::array({{{"endpoint", "flip_rate"},
                                   {"margin", 0.02},
                                   {"verdict", verdict},
                                   {"sentence", verdict + ": flip rate 0.1"}},
                                  {{"endpoint", "occlusion.spearman"},
                                   {"margin", 0.1},
                                   {"verdict", verdict},
                                   {"sentence", verdict + ": Spearman 0.7"}}})},
        {"quadrants", {{"same answer, other reasons", {{"count", 3}}}}},
        {"slices",
         Json::array(
             {{{"slice", "a"}, {"examples", 6}, {"figures", {{"flip_rate", figure(0.2)}}}}})}};
    return {{"schema", "driftlens/compare/1"},
            {"reference", reference},
            {"data", {{"file", "data/rows.csv"}, {"digest", std::string(64, 'e')}}},
            {"examples", examples},
            {"failed_examples", 0},
            {"variants", Json::array({own})},
            {"gates", Json::array({{{"gate", "flip_rate>0.02"},
                                    {"outcome", "failed"},
                                    {"explanation", "0.1 is above 0.02"}}})},
            {"notes", Json::array()},
            {"warnings", Json::array()}};
}

Json sampleOutcomes(std::size_t examples) {
    Json out = Json::array();
    for (std::size_t i = 0; i < examples; ++i) {
        const double share = static_cast<double>(i) / static_cast<double>(examples);
        out.push_back({{"example", i},
                       {"line", i + 2},
                       {"failed", nullptr},
                       {"label", nullptr},
                       {"slice", i % 2 == 0 ? "a" : "=b"},
                       {"variants", Json::array({{{"failed", nullptr},
                                                  {"fidelity",
                                                   {{"kl", share / 3.0},
                                                    {"probability_change", -share},
                                                    {"flip_rate", i % 10 == 0 ? 1.0 : 0.0}}},
                                                  {"methods",
                                                   {{"occlusion",
                                                     {{"raw", {{"spearman", 1.0 - share}}},
                                                      {"by_chance", {{"spearman", 0.0}}}}}}}}})}});
    }
    return out;
}

Json sampleDatasetReport(std::size_t examples, const std::string& verdict) {
    ReportParts parts;
    parts.command = "driftlens compare base base@int4 --data rows.csv";
    parts.createdUtc = "2026-01-31T12:00:00Z";
    parts.environment = kEnvironment;
    parts.dataset = sampleDataset(examples, verdict);
    parts.outcomes = sampleOutcomes(examples);
    parts.notable = Json::array({{{"example", 3},
                                  {"text", "not good"},
                                  {"why", "the answer changes"},
                                  {"comparison", sampleComparison()}}});
    parts.evidence = sampleEvidence();
    return makeReport(parts);
}

Json sampleEvidence() {
    const std::string leaf(64, 'a');
    return {{"log", "audit.db"},
            {"log_id", std::string(32, '1')},
            {"run", std::string(16, '2')},
            {"first_record", 2},
            {"last_record", 4},
            {"head", leaf},
            {"status", "ok, 4 records"},
            {"findings", Json::array()},
            {"unmatched_starts", 0},
            {"checkpoint", "driftlens/1\n4\nAAAA\n\n— driftlens/1 BBBB\n"},
            {"public_key", "driftlens/1+00+CC"},
            {"records", Json::array({{{"seq", 2},
                                      {"type", "run_started"},
                                      {"time", "2026-01-31T12:00:00Z"},
                                      {"leaf", leaf}}})},
            {"proofs", Json::array({{{"schema", "driftlens/audit-proof/1"}, {"record", 2}}})},
            {"proofs_note", "Every record of the run is proved."}};
}

Json measuredReport() {
    const std::string reference = "samples/sentiment-bert-mini";
    PromptRequest request;
    request.prompt = "The film was not bad at all";
    request.methods = {MethodRequest::parse("occlusion"), MethodRequest::parse("attention")};
    request.metrics.emplace().withReruns = true;
    ReportParts parts;
    parts.command = "driftlens compare";
    parts.createdUtc = "2026-01-31T12:00:00Z";
    parts.environment = kEnvironment;
    parts.comparison = toJson(comparePrompt(
        VariantSpec::parse(reference),
        {VariantSpec::parse(reference + "@int8"), VariantSpec::parse(reference + "@int2")}, request,
        nullptr, {}));
    return makeReport(parts);
}

}  // namespace driftlens
