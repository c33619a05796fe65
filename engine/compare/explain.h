// One prompt in one model, and one prompt in a reference and its variants. What the command line
// and the desktop call.
#pragma once

#include "core/base/json.h"
#include "engine/compare/concept_files.h"
#include "engine/variants/variant.h"
#include "xai/groups.h"
#include "xai/methods/metric_plan.h"
#include "xai/targets/target.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace driftlens {

class AuditLog;

// A method as the user names it: "integrated_gradients:nodes=50,baseline=zero".
struct MethodRequest {
    std::string id;
    Settings settings;  // as given; defaults are filled in by the method

    // The setting `preset=NAME`, or the preset given, stands for the settings of another library;
    // those in the argument go before it. Throws Error(Usage) for an unknown method, setting or
    // preset, with the known ones.
    static MethodRequest parse(std::string_view argument, std::string_view preset = "");
    // Every row of the table, with default settings.
    static std::vector<MethodRequest> all();
    bool operator==(const MethodRequest&) const = default;
};

// What is asked. Either prompt or ids.
struct PromptRequest {
    std::string prompt;
    std::optional<std::vector<std::int64_t>> ids;
    std::optional<std::string> pair;  // a second text; capture alone knows it
    TargetRequest target;
    std::vector<MethodRequest> methods;
    // A method that cannot explain this prompt or model is left out with its reason, instead of
    // failing the run; explain alone knows it.
    bool leavesOutImpossible = false;
    // How good each explanation is. compare measures the removal curves of every model and, with
    // reruns, the reference under randomised weights; of a data set the yardsticks do that.
    std::optional<MetricPlan> metrics;
    Grouping grouping;  // explain alone knows it
    ConceptRequest concepts;
    ComputeOptions compute;
    // compare alone knows these: attention and activations are compared, too; the predictions of
    // every token of the text are (causal language models); variants are checkpoints in a row.
    bool comparesInsides = true;
    bool comparesTokens = false;
    bool isTimeline = false;
    std::size_t answers = 0;  // how many of the most probable answers are listed
};

// The result of explaining one prompt in one model.
struct Explanation {
    ModelIdentity model;
    TokenizedInput input;
    Target target;
    double targetValue = 0.0;
    std::int64_t batch = 0;  // rows of a micro-batch, as planned or asked
    std::vector<Attribution> results;
    struct LeftOut {
        std::string method, reason;
    };
    std::vector<LeftOut> leftOut;
    std::vector<std::string> warnings;
    std::string runId;
    std::vector<RankedAnswer> answers;  // best first, as many as asked
};

// Tokenizes, resolves the target on the model, runs every method. If `log` is given the run is
// logged: started before anything is computed, then finished, failed or cancelled. Throws as the
// parts do; a failure is in the log by then.
Explanation explainPrompt(const VariantSpec& model, const PromptRequest& request, AuditLog* log,
                          const RunContext& context);
// With models that the caller keeps between runs.
Explanation explainPrompt(const VariantSpec& model, const PromptRequest& request, AuditLog* log,
                          VariantLoader& loader, const RunContext& context);

// Explains the reference's answer in the reference and in every variant, with the same ids, target,
// baseline and nodes; measures fidelity, agreement and repeatability. Logging as above, one
// example_result per variant.
Comparison comparePrompt(const VariantSpec& reference, const std::vector<VariantSpec>& variants,
                         const PromptRequest& request, AuditLog* log, const RunContext& context);
Comparison comparePrompt(const VariantSpec& reference, const std::vector<VariantSpec>& variants,
                         const PromptRequest& request, AuditLog* log, VariantLoader& loader,
                         const RunContext& context);

struct JsonOptions {
    bool withAttention = false;  // the maps, which can be large
};

// The stable JSON of product.md ("driftlens/explain/1", "driftlens/compare/1"). Values only.
Json toJson(const Attribution& attribution, const TokenizedInput& input,
            const JsonOptions& options = {});
Json toJson(const Explanation& explanation, const JsonOptions& options = {});
Json toJson(const Comparison& comparison);

}  // namespace driftlens
