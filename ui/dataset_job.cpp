#include "ui/dataset_job.h"

#include "core/base/error.h"
#include "engine/audit/log.h"
#include "engine/compare/run_log.h"
#include "ui/models/command_line.h"
#include "ui/prompt_job.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace driftlens {
namespace {

using Clock = std::chrono::steady_clock;
constexpr auto kBatchInterval = std::chrono::milliseconds(50);

// Collects examples, so that the GUI thread is not asked to show each by itself.
class Batches {
public:
    explicit Batches(const std::function<void(ExampleRows)>& use) : m_use(use) {}
    void add(ExampleRow row) {
        m_rows.push_back(std::move(row));
        if (Clock::now() - m_last >= kBatchInterval) flush();
    }
    void flush() {
        if (m_rows.empty()) return;
        m_use(std::make_shared<const std::vector<ExampleRow>>(std::exchange(m_rows, {})));
        m_last = Clock::now();
    }

private:
    const std::function<void(ExampleRows)>& m_use;
    std::vector<ExampleRow> m_rows;
    Clock::time_point m_last{};
};

struct Models {
    VariantSpec reference;
    std::vector<VariantSpec> variants;
};

Models modelsOf(const DatasetOrder& order) {
    const auto& all = order.session.models;
    const auto spec = [&](int row) {
        return VariantSpec::parse(all.at(static_cast<std::size_t>(row)).text().toStdString());
    };
    Models out{spec(order.session.reference), {}};
    for (int row = 0; row < static_cast<int>(all.size()); ++row) {
        const auto& excluded = order.excluded;
        const bool isExcluded = std::find(excluded.begin(), excluded.end(), row) != excluded.end();
        if (row != order.session.reference && !isExcluded) out.variants.push_back(spec(row));
    }
    return out;
}

// A resumed example has no comparison: then a class still has its name, a token only its number.
QString answerText(std::int64_t answer, const QStringList& classes,
                   const std::vector<RankedAnswer>* answers) {
    if (answer >= 0 && answer < classes.size()) return classes[static_cast<qsizetype>(answer)];
    if (answers != nullptr) {
        const auto found =
            std::find_if(answers->begin(), answers->end(),
                         [&](const RankedAnswer& each) { return each.id == answer; });
        if (found != answers->end()) return shownText(QString::fromStdString(found->text));
    }
    return QString::number(answer);
}

ExampleRow rowOf(const ExampleOutcome& outcome, const std::string& text,
                 const Comparison* comparison, const QStringList& classes) {
    ExampleRow row{outcome, QString::fromStdString(text), {}, {}, {}};
    const auto* answers = comparison == nullptr ? nullptr : &comparison->referenceAnswers;
    if (outcome.label) row.label = answerText(*outcome.label, classes, answers);
    row.answer = answerText(outcome.answer, classes, answers);
    for (std::size_t i = 0; i < outcome.variants.size(); ++i) {
        const bool isThere = comparison != nullptr && i < comparison->variants.size();
        row.variantAnswers.push_back(
            answerText(outcome.variants[i].answer, classes,
                       isThere ? &comparison->variants[i].answers : answers));
    }
    // The table shows none of these, and there are as many as tokens.
    for (VariantOutcome& variant : row.outcome.variants) variant.tokens.clear();
    row.outcome.fromPrevious.clear();
    return row;
}

DatasetRequest requestOf(const DatasetOrder& order) {
    return datasetRequest(order.setup, order.session, order.preferences);
}

}  // namespace

DatasetPlan computePlan(const DatasetOrder& order, const RunContext& context) {
    const Models models = modelsOf(order);
    return planDataset(models.reference, models.variants, requestOf(order), context);
}

DatasetResultPtr computeDataset(const DatasetOrder& order,
                                const std::function<void(ExampleRows)>& use,
                                const RunContext& context) {
    const Models models = modelsOf(order);
    const DatasetRequest request = requestOf(order);
    const std::unique_ptr<AuditLog> log = openRunLog(order.session.log.toStdString());
    Batches batches(use);
    const ExampleSink sink = [&](const ExampleOutcome& outcome, const std::string& text,
                                 const Comparison* comparison) {
        batches.add(rowOf(outcome, text, comparison, order.classes));
    };
    try {
        auto out = std::make_shared<FinishedDataset>(FinishedDataset{
            compareDataset(models.reference, models.variants, request, log.get(), sink, context),
            {log == nullptr ? "" : order.session.log.toStdString(),
             datasetCommand(models.reference, models.variants, order.session, order.setup),
             environmentJson()}});
        batches.flush();
        return out;
    } catch (const Error&) {
        batches.flush();
        throw;
    }
}

}  // namespace driftlens
