#include "tests/reports/sample_report.h"

#include "engine/compare/explain.h"

namespace driftlens {
namespace {

Json reportOf(const char* kind, const char* key, const Json& findings) {
    return {{"schema", "driftlens/report/1"},
            {"kind", kind},
            {"title", "base and its variants"},
            {"created", "2026-01-31T12:00:00Z"},
            {"command", "driftlens compare"},
            {"environment", Json::object()},
            {"limits", {"It does not say that any answer is right."}},
            {key, findings}};
}

Json figure(double value, double low, double high) {
    return {{"value", value}, {"low", low},     {"high", high},
            {"p", 0.01},      {"examples", 40}, {"yardsticks", Json::object()}};
}

Json undefinedFigure() {
    return {{"value", nullptr}, {"low", nullptr}, {"high", nullptr},
            {"p", nullptr},     {"examples", 0},  {"undefined", "no example has it"}};
}

Json variant(const std::string& scheme, char digit) {
    return {{"model", "base@" + scheme},
            {"path", "models/base"},
            {"scheme", scheme},
            {"digest", std::string(64, digit)},
            {"failed_examples", 0},
            {"figures",
             {{"flip_rate", figure(0.125, 0.0625, 0.25)},
              {"kl", figure(0.5, 0.25, 0.75)},
              {"accuracy", undefinedFigure()},
              {"integrated_gradients",
               {{"spearman", figure(0.75, 0.5, 0.875)}, {"kendall", undefinedFigure()}}}}},
            {"verdicts", Json::array()},
            {"slices", Json::array({{{"slice", "lang=de"},
                                     {"examples", 12},
                                     {"figures", {{"flip_rate", figure(0.25, 0.125, 0.5)}}}}})},
            {"worst_slice", nullptr}};
}

}  // namespace

Json promptReport() {
    const std::string model = "samples/sentiment-bert-mini";
    PromptRequest request;
    request.prompt = "The film was not bad at all";
    request.methods = {MethodRequest::parse("occlusion"), MethodRequest::parse("attention")};
    const Comparison comparison =
        comparePrompt(VariantSpec::parse(model),
                      {VariantSpec::parse(model + "@int8"), VariantSpec::parse(model + "@int2")},
                      request, nullptr, {});
    return reportOf("prompt", "comparison", toJson(comparison));
}

Json datasetReport() {
    return reportOf("dataset", "dataset",
                    {{"schema", "driftlens/compare/1"},
                     {"reference",
                      {{"path", "models/base"},
                       {"model", "base"},
                       {"digest", std::string(64, 'a')},
                       {"scheme", "none"},
                       {"compute", "float32"},
                       {"files", Json::array({{{"name", "model.safetensors"},
                                               {"size", 4096},
                                               {"sha256", std::string(64, 'f')}}})}}},
                     {"data", {{"file", "prompts.csv"}, {"digest", std::string(64, 'd')}}},
                     {"examples", 40},
                     {"variants", {variant("int8", 'b'), variant("int4:group=32", 'c')}}});
}

}  // namespace driftlens
