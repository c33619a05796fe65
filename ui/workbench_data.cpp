// What the workbench does with data sets: plan and run, in the lane of runs.
#include "ui/workbench.h"

namespace driftlens {

bool Workbench::startData(DatasetOrder& order, const DatasetSetup& setup) {
    if (isRunning()) return false;
    QString why;
    if (m_session.models.empty())
        why = tr("No model: add a model folder or a GGUF file under Variants.");
    else if (m_session.data.isEmpty())
        why = tr("No data set: choose a csv, jsonl or txt file.");
    else if (!info(m_session.reference).message.isEmpty())
        why = info(m_session.reference).message;
    if (!why.isEmpty()) {
        Q_EMIT dataFailed(ErrorKind::Usage, why);
        return false;
    }
    m_debounce.stop();
    // A preview that is stopped is made up for afterwards; one that is done stays.
    if (m_compute.isBusy(Lane::Preview)) m_previewed = {};
    m_compute.drop(Lane::Preview);
    m_runsData = true;
    order = {m_session, m_preferences, setup, {}, info(m_session.reference).classes};
    for (int row = 0; row < static_cast<int>(m_session.models.size()); ++row)
        if (!info(row).message.isEmpty()) order.excluded.push_back(row);
    return true;
}

void Workbench::planData(const DatasetSetup& setup) {
    DatasetOrder order;
    if (!startData(order, setup)) return;
    m_compute.add(
        Lane::Run,
        [this, order](const RunContext& context, const JobQueue::Post&) {
            const DatasetPlan plan = computePlan(order, context);
            return [this, plan] {
                endData();
                Q_EMIT dataPlanned(plan);
            };
        },
        [this](ErrorKind kind, const QString& message) { failData(kind, message); });
    Q_EMIT busyChanged();
}

void Workbench::runData(const DatasetSetup& setup) {
    DatasetOrder order;
    if (!startData(order, setup)) return;
    Q_EMIT dataStarted();
    m_compute.add(
        Lane::Run,
        [this, order, number = m_sessionNumber](const RunContext& context,
                                                const JobQueue::Post& post) {
            const auto use = [&](const ExampleRows& rows) {
                post([this, rows, number] {
                    if (number == m_sessionNumber) Q_EMIT dataExamples(rows);
                });
            };
            const DatasetResultPtr result = computeDataset(order, use, context);
            return [this, order, result, number] {
                endData();
                if (number == m_sessionNumber) {
                    m_data = order.session.data == m_session.data ? result : nullptr;
                    Q_EMIT dataFinished(result);
                }
                Q_EMIT logChanged();
            };
        },
        [this](ErrorKind kind, const QString& message) { failData(kind, message); });
    Q_EMIT busyChanged();
}

void Workbench::endData() {
    m_runsData = false;
    considerPreview();
}

void Workbench::failData(ErrorKind kind, const QString& message) {
    endData();
    Q_EMIT dataFailed(kind, message);
    Q_EMIT logChanged();
}

}  // namespace driftlens
