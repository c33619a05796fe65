#include "engine/rerun/results.h"

#include "engine/compare/record.h"
#include "engine/dataset/dataset.h"
#include "engine/rerun/dataset_leaves.h"

namespace driftlens {
namespace {

// Each to be judged by itself: a method, or what a model answered.
std::vector<NamedLeaves> leavesOfAll(const std::string& verb,
                                     const std::vector<RecordedResult>& results,
                                     const AuditLog& log) {
    const BlobReader readBlob = [&](const Json& reference) {
        return log.blob(blobDigestIn(reference, "a result"));
    };
    std::vector<NamedLeaves> out;
    const bool isExplain = verb == "explain";
    const char* list = isExplain ? "results" : "explanations";
    for (const RecordedResult& result : results) {
        const Json& body = result.body;
        ModelIdentity model;
        model.path = body.at("model").at("path").get<std::string>();
        model.scheme = body.at("model").at("scheme").get<std::string>();
        const Json& explanations = body.at(list);
        for (std::size_t i = 0; i < explanations.size(); ++i) {
            const Json& main = isExplain ? explanations[i] : explanations[i].at("variant");
            // What has no scores on record could not differ from anything.
            main.at("scores").at("blob_commitment");
            Json tree = {{"result", explanations[i]}};
            if (result.example.contains(list)) tree["texts"] = result.example.at(list).at(i);
            out.push_back({model.name() + ": " + main.at("method").get<std::string>(),
                           leavesOf(tree, readBlob)});
        }
        Json answer = Json::object();
        for (const auto& [key, value] : body.items()) {
            const bool isElsewhere = key == list || key == "model" || key == "reference";
            if (!isElsewhere) answer[key] = value;
        }
        if (result.example.is_object()) {
            answer["input"] = result.example;
            answer["input"].erase(list);
        }
        out.push_back({model.name() + ": input and answer", leavesOf(answer, readBlob)});
    }
    return out;
}

// The same results as records would hold them now.
std::vector<RecordedResult> asRecords(const std::vector<AuditResult>& results) {
    std::vector<RecordedResult> out;
    for (const AuditResult& result : results) {
        // Canonical, as what is read from the log.
        out.push_back({parseJson(canonicalJson(result.body), "result"),
                       parseJson(result.payloads.front().bytes, "payload example")});
    }
    return out;
}

std::vector<VariantSpec> variantsOf(const RecordedRun& run) {
    std::vector<VariantSpec> out;
    for (std::size_t i = 1; i < run.models.size(); ++i) out.push_back(run.models[i].spec);
    return out;
}

std::vector<RecordedResult> computedPrompt(const RecordedRun& run, const PromptRequest& request,
                                           AuditLog& log, const RunContext& context) {
    if (run.verb == "explain") {
        const Explanation found = explainPrompt(run.models.front().spec, request, nullptr, context);
        checkLoadedFiles(run.models.front(), found.model);
        const AuditResult result = explanationResult(log, found);
        return asRecords({result});
    }
    const Comparison found =
        comparePrompt(run.models.front().spec, variantsOf(run), request, nullptr, context);
    checkLoadedFiles(run.models.front(), found.reference);
    for (std::size_t i = 0; i < found.variants.size(); ++i)
        checkLoadedFiles(run.models[i + 1], found.variants[i].model);
    return asRecords(comparisonResults(log, found));
}

std::vector<NamedLeaves> recordedDataset(const RecordedRun& run, const AuditLog& log) {
    RecordedOutcomes found = readDatasetOutcomes(log, run.runId);
    // Earlier versions recorded what deployed programs answered, but not from which files.
    if (run.dataset->observed.empty()) found.dataset["observed"] = Json::array();
    return datasetLeaves(found.outcomes, found.dataset);
}

std::vector<NamedLeaves> computedDataset(const RecordedRun& run, const PromptRequest& request,
                                         const RunContext& context) {
    DatasetRequest asked = *run.dataset;
    asked.prompt = request;
    const DatasetResult found =
        compareDataset(run.models.front().spec, variantsOf(run), asked, nullptr, {}, context);
    checkLoadedFiles(run.models.front(), found.reference);
    for (std::size_t i = 0; i < found.variants.size(); ++i)
        checkLoadedFiles(run.models[i + 1], found.variants[i]);
    // As its text says it, which is what is on record.
    return datasetLeaves(found.outcomes, parseJson(toJson(found).dump(), "aggregate"));
}

}  // namespace

std::vector<NamedLeaves> recordedResults(const RecordedRun& run, AuditLog& log) {
    return run.dataset ? recordedDataset(run, log) : leavesOfAll(run.verb, run.results, log);
}

std::vector<NamedLeaves> computedResults(const RecordedRun& run, const PromptRequest& request,
                                         AuditLog& log, const RunContext& context) {
    if (run.dataset) return computedDataset(run, request, context);
    return leavesOfAll(run.verb, computedPrompt(run, request, log, context), log);
}

}  // namespace driftlens
