#include "engine/dataset/evaluate.h"

#include "core/base/error.h"
#include "core/model/model.h"
#include "engine/compare/fidelity.h"
#include "engine/compare/prepare.h"
#include "engine/compare/threads.h"
#include "engine/dataset/estimate.h"
#include "engine/drift/behaviour.h"
#include "engine/drift/calibration.h"
#include "engine/drift/output_fidelity.h"
#include "xai/targets/scorer.h"

#include <chrono>
#include <cmath>

namespace driftlens {
namespace {

// One row, as the model answered it.
struct Row {
    std::string slice, cluster;
    std::optional<bool> isRight;  // of rows with a label
    double confidence = 0.0;
    double labelLog = 0.0;
    double tokensLog = 0.0;  // summed over the tokens of the text behind the first
    double tokens = 0.0, rightTokens = 0.0;
};

// A mean, or a ratio of sums, over rows; resampled by cluster.
EvaluatedFigure ratioOf(const std::vector<const Row*>& rows,
                        const std::function<double(const Row&)>& above,
                        const std::function<double(const Row&)>& below, std::uint64_t seed) {
    Column sums, weights;
    for (const Row* row : rows) {
        sums.add({above(*row), ""}, row->cluster);
        weights.add({below(*row), ""}, row->cluster);
    }
    const AggregateFigure found = ratioEstimate(sums, weights, seed, {}).figure;
    return {found.value, found.interval, rows.size()};
}

EvaluatedFigure exponentiated(EvaluatedFigure figure) {
    if (figure.value.value) figure.value.value = std::exp(-*figure.value.value);
    if (figure.interval.value)
        figure.interval.value =
            Range{std::exp(-figure.interval.value->high), std::exp(-figure.interval.value->low)};
    return figure;
}

double one(const Row&) {
    return 1.0;
}

void addLabelFigures(const std::vector<const Row*>& rows, std::uint64_t seed,
                     EvaluatedFigures& out) {
    std::vector<const Row*> labelled;
    std::vector<Prediction> predictions;
    std::uint64_t right = 0;
    bool isClustered = false;
    for (const Row* row : rows) {
        if (!row->isRight) continue;
        labelled.push_back(row);
        predictions.push_back({row->confidence, *row->isRight});
        right += *row->isRight ? 1 : 0;
        isClustered = isClustered || !row->cluster.empty();
    }
    if (labelled.empty()) return;
    const Proportion exact = proportionOf(right, labelled.size());
    out["accuracy"] = {exact.share, exact.interval, labelled.size()};
    if (isClustered) {
        out["accuracy"] = ratioOf(
            labelled, [](const Row& row) { return *row.isRight ? 1.0 : 0.0; }, &one, seed);
    }
    out["label_log_probability"] = ratioOf(
        labelled, [](const Row& row) { return row.labelLog; }, &one, seed);
    out["calibration_error"] = {calibrationOf(predictions).expectedError,
                                undefinedInterval("not resampled: it is biased upwards by it"),
                                labelled.size()};
}

EvaluatedFigures figuresOf(const std::vector<const Row*>& rows, bool hasTokens,
                           std::uint64_t seed) {
    EvaluatedFigures out;
    addLabelFigures(rows, seed, out);
    if (!hasTokens) return out;
    const auto tokens = [](const Row& row) { return row.tokens; };
    out["perplexity"] = exponentiated(ratioOf(
        rows, [](const Row& row) { return row.tokensLog; }, tokens, seed));
    out["next_token_accuracy"] = ratioOf(
        rows, [](const Row& row) { return row.rightTokens; }, tokens, seed);
    return out;
}

class Evaluator {
public:
    Evaluator(const LoadedVariant& model, const EvaluateRequest& request, const RunContext& context)
        : m_model(model), m_request(request), m_context(context) {}

    Evaluation run() {
        Evaluation out;
        out.notes = forEachRow(m_request.rows, [&](const SourceRow& source) {
            addRow(source, out);
            const double done = static_cast<double>(out.examples);
            m_context.checkpoint(1.0 - 1.0 / (1.0 + done / 100.0),
                                 "example " + std::to_string(out.examples));
        });
        summarise(out);
        return out;
    }

private:
    bool hasTokens() const { return m_model.model->spec().task == Task::CausalLm; }

    void addRow(const SourceRow& source, Evaluation& out) {
        ++out.examples;
        const DataRow& row = source.row;
        PromptRequest request;
        request.prompt = row.text;
        Row found;
        found.slice = source.slice;
        found.cluster = source.cluster;
        try {
            const TokenizedInput input = tokenizeRequest(m_model, request);
            answer(row, input.ids(), found);
            if (hasTokens()) readTokens(input.ids(), found);
        } catch (const Error& error) {
            const bool isOfTheRow =
                error.kind() == ErrorKind::Usage || error.kind() == ErrorKind::Numeric;
            if (!isOfTheRow) throw;
            if (out.failed++ == 0)
                out.warnings.push_back("line " + std::to_string(row.line) + ": " + error.what());
            return;
        }
        m_rows.push_back(std::move(found));
    }

    void answer(const DataRow& row, const std::vector<std::int64_t>& ids, Row& found) {
        if (!row.label) return;
        const std::optional<std::int64_t> label = answerOf(m_model, *row.label);
        if (!label) {
            ++m_unknownLabels;
            return;
        }
        const std::vector<double> logs =
            answerLogProbabilities(*m_model.model, ids, -1, m_request.compute.compute, m_context);
        const auto top = topAnswer(logs);
        found.isRight = static_cast<std::int64_t>(top) == *label;
        found.confidence = std::exp(logs[top]);
        found.labelLog = logs[static_cast<std::size_t>(*label)];
        if (!std::isfinite(found.labelLog) || !std::isfinite(found.confidence))
            throw Error(ErrorKind::Numeric, "the answer's log-probability is not finite");
    }

    // Log-probabilities of every token behind the first, given those before it.
    void readTokens(const std::vector<std::int64_t>& ids, Row& found) {
        if (ids.size() < 2) return;
        const auto count = static_cast<std::int64_t>(ids.size()) - 1;
        ForwardInput input;
        input.ids = at::tensor(ids, at::kLong).unsqueeze(0);
        ForwardRequest request;
        request.compute = scalarTypeOf(m_request.compute.compute);
        request.logitPositions = at::arange(count, at::kLong).unsqueeze(0);
        const at::Tensor logits =
            m_model.model->forward(input, request, {}, m_context).logits[0].to(at::kDouble);
        const at::Tensor next = input.ids[0].narrow(0, 1, count);
        const at::Tensor logs =
            at::log_softmax(logits, -1).gather(-1, next.unsqueeze(-1)).squeeze(-1);
        found.tokensLog = logs.sum().item<double>();
        found.tokens = static_cast<double>(count);
        found.rightTokens = (logits.argmax(-1) == next).sum().item<double>();
        if (!std::isfinite(found.tokensLog))
            throw Error(ErrorKind::Numeric, "a token's log-probability is not finite");
    }

    void summarise(Evaluation& out) const {
        std::vector<const Row*> all;
        std::map<std::string, std::vector<const Row*>> bySlice;
        for (const Row& row : m_rows) {
            all.push_back(&row);
            if (!row.slice.empty()) bySlice[row.slice].push_back(&row);
        }
        const std::uint64_t seed = m_request.compute.seed;
        if (!all.empty()) out.figures = figuresOf(all, hasTokens(), seed);
        for (const auto& [name, rows] : bySlice)
            out.slices[name] = figuresOf(rows, hasTokens(), seed);
        if (out.failed > 0)
            out.warnings.push_back(std::to_string(out.failed) +
                                   " rows failed and are in no figure");
        if (m_unknownLabels > 0)
            out.warnings.push_back(std::to_string(m_unknownLabels) +
                                   " labels are no answer of the model and count as absent");
    }

    const LoadedVariant& m_model;
    const EvaluateRequest& m_request;
    const RunContext& m_context;
    std::vector<Row> m_rows;
    std::uint64_t m_unknownLabels = 0;
};

Json figuresJson(const EvaluatedFigures& figures) {
    Json out = Json::object();
    for (const auto& [name, figure] : figures) {
        const auto& range = figure.interval.value;
        out[name] = {{"value", figure.value.value ? jsonNumber(*figure.value.value) : Json()},
                     {"low", range ? jsonNumber(range->low) : Json()},
                     {"high", range ? jsonNumber(range->high) : Json()},
                     {"examples", figure.examples}};
        if (!figure.value.value) out[name]["undefined"] = figure.value.reason;
    }
    return out;
}

}  // namespace

Evaluation evaluateDataset(const VariantSpec& model, const EvaluateRequest& request,
                           const RunContext& context) {
    applyThreads(request.compute.threads);
    const auto begin = std::chrono::steady_clock::now();
    VariantLoader loader;
    const LoadedVariant loaded = loader.load(model, request.compute, true, context);
    if (loaded.model->spec().task == Task::Encoder)
        throw Error(ErrorKind::Unsupported, "the model has no head, so it has no answers");
    const std::string digest = fileSha256(request.rows.file);
    Evaluation out = Evaluator(loaded, request, context).run();
    out.model = loaded.identity;
    out.dataFile = request.rows.file.string();
    out.dataDigest = digest;
    out.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    return out;
}

Json toJson(const Evaluation& e) {
    Json slices = Json::object();
    for (const auto& [name, figures] : e.slices) slices[name] = figuresJson(figures);
    return {{"schema", "driftlens/evaluate/1"},
            {"model",
             {{"path", e.model.path},
              {"family", e.model.family},
              {"digest", e.model.digest},
              {"scheme", e.model.scheme},
              {"compute", e.model.compute}}},
            {"data", {{"file", e.dataFile}, {"digest", e.dataDigest}}},
            {"examples", e.examples},
            {"failed_examples", e.failed},
            {"figures", figuresJson(e.figures)},
            {"slices", slices},
            {"notes", e.notes},
            {"warnings", e.warnings},
            {"seconds", e.seconds}};
}

}  // namespace driftlens
