#include "ui/dataset_job.h"

#include "core/base/error.h"
#include "engine/audit/log.h"
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
                                 const Comparison*) {
        ExampleRow row{outcome, QString::fromStdString(text)};
        // The table shows none of these, and there are as many as tokens.
        for (VariantOutcome& variant : row.outcome.variants) variant.tokens.clear();
        row.outcome.fromPrevious.clear();
        batches.add(std::move(row));
    };
    try {
        auto out = std::make_shared<const DatasetResult>(
            compareDataset(models.reference, models.variants, request, log.get(), sink, context));
        batches.flush();
        return out;
    } catch (const Error&) {
        batches.flush();
        throw;
    }
}

}  // namespace driftlens
