#include "ui/workbench.h"

#include "core/base/allocator.h"
#include "engine/variants/inspect.h"
#include "xai/methods/method.h"

#include <QFileInfo>

#include <algorithm>
#include <set>

namespace driftlens {
namespace {

using namespace Qt::StringLiterals;

constexpr int kDebounceMilliseconds = 250;

// Before that a rate says little.
constexpr double kLeastFraction = 0.02;
constexpr qint64 kLeastMilliseconds = 800;

// Runs on the compute worker. What fails becomes the row's message.
VariantInfo inspectModel(const SessionModel& model, const Preferences& preferences,
                         VariantLoader& loader, const RunContext& context) {
    VariantInfo out;
    try {
        ComputeOptions options;
        options.threads = preferences.threads;
        const LoadedVariant variant =
            loader.load(VariantSpec::parse(model.text().toStdString()), options, true, context);
        const Inspection inspection = inspectVariant(variant);
        out.identity = inspection.model;
        out.bitsPerWeight = inspection.bitsPerWeight;
        out.gradient = gradientKindOf(*variant.model);
        out.isClassifier = !inspection.classLabels.empty();
        for (const std::string& name : inspection.classLabels)
            out.classes.push_back(QString::fromStdString(name));
        for (const std::string& warning : inspection.warnings)
            out.warnings.push_back(QString::fromStdString(warning));
        if (!variant.whyNoTexts.empty())
            out.warnings.push_back(QString::fromStdString(variant.whyNoTexts));
        out.state = LoadState::Loaded;
    } catch (const Error& error) {
        if (error.kind() == ErrorKind::Cancelled) throw;
        out.state = QFileInfo::exists(model.path) ? LoadState::Failed : LoadState::Missing;
        out.message = QString::fromUtf8(error.what()).section(u'\n', 0, 0);
        out.advice = adviceFor(error.kind());
    }
    return out;
}

// What a preview depends on.
Session questionOf(Session session) {
    session.log.clear();
    session.data.clear();
    session.metrics.clear();  // runs alone measure them
    return session;
}

}  // namespace

Workbench::Workbench(Preferences preferences, QObject* parent)
    : QObject(parent),
      m_preferences(std::move(preferences)),
      m_loader(VariantLoader::Keeps::Variants),
      m_compute(nullptr),
      m_files(nullptr) {
    m_session.log = m_preferences.log;
    m_debounce.setSingleShot(true);
    m_debounce.setInterval(kDebounceMilliseconds);
    connect(&m_debounce, &QTimer::timeout, this, &Workbench::startPreview);
    connect(&m_compute, &JobQueue::started, this, [this](Lane lane) {
        m_since.start();
        if (lane != Lane::Load) Q_EMIT busyChanged();
    });
    connect(&m_compute, &JobQueue::ended, this, &Workbench::busyChanged);
    connect(&m_compute, &JobQueue::progressed, this,
            [this](Lane lane, double fraction, const QString& stage) {
                if (lane != Lane::Load) report(fraction, stage);
            });
}

Workbench::~Workbench() = default;

void Workbench::setPreferences(const Preferences& preferences) {
    m_preferences = preferences;
    if (!m_preferences.previews) m_compute.drop(Lane::Preview);
}

void Workbench::edit(const QString& what, EditKind kind,
                     const std::function<void(Session&)>& change) {
    Session after = m_session;
    change(after);
    if (after == m_session) return;
    m_undo.push(new SessionEdit(what, kind, m_session, std::move(after),
                                [this](const Session& session) { apply(session); }));
}

void Workbench::addModels(const QStringList& texts) {
    edit(texts.size() == 1 ? tr("Add %1").arg(texts.front()) : tr("Add models"), EditKind::Single,
         [&](Session& session) {
             for (QString text : texts) {
                 text = text.trimmed();
                 if (text.isEmpty()) continue;
                 // "@int8" alone: the reference compressed so.
                 if (text.startsWith(u'@') && !session.models.empty())
                     text = session.models[static_cast<std::size_t>(session.reference)].path + text;
                 const SessionModel model = SessionModel::parse(text);
                 const auto& all = session.models;
                 if (std::find(all.begin(), all.end(), model) == all.end())
                     session.models.push_back(model);
             }
         });
}

void Workbench::removeModels(const std::vector<int>& rows) {
    edit(tr("Remove models"), EditKind::Single, [&](Session& session) {
        std::vector<SessionModel> kept;
        int reference = 0;
        for (int row = 0; row < static_cast<int>(session.models.size()); ++row) {
            if (std::find(rows.begin(), rows.end(), row) != rows.end()) continue;
            if (row == session.reference) reference = static_cast<int>(kept.size());
            kept.push_back(session.models[static_cast<std::size_t>(row)]);
        }
        session.models = std::move(kept);
        session.reference = reference;
    });
}

void Workbench::moveModel(int row, int by) {
    const int to = row + by;
    if (row < 0 || to < 0 || to >= static_cast<int>(m_session.models.size())) return;
    edit(tr("Move a model"), EditKind::Single, [&](Session& session) {
        const SessionModel reference = session.models[static_cast<std::size_t>(session.reference)];
        const SessionModel moved = session.models[static_cast<std::size_t>(row)];
        session.models.erase(session.models.begin() + row);
        session.models.insert(session.models.begin() + to, moved);
        const auto found = std::find(session.models.begin(), session.models.end(), reference);
        session.reference = static_cast<int>(found - session.models.begin());
    });
}

void Workbench::chooseReference(int row) {
    if (row < 0 || row >= static_cast<int>(m_session.models.size())) return;
    edit(tr("Choose the reference"), EditKind::Single,
         [row](Session& session) { session.reference = row; });
}

void Workbench::relocate(int row, const QString& path) {
    if (row < 0 || row >= static_cast<int>(m_session.models.size()) || path.isEmpty()) return;
    const QString old = m_session.models[static_cast<std::size_t>(row)].path;
    edit(tr("Locate %1").arg(path), EditKind::Single, [&](Session& session) {
        for (SessionModel& model : session.models)
            if (model.path == old) model.path = path;
    });
}

const VariantInfo& Workbench::info(int row) const {
    static const VariantInfo kUnknown;
    if (row < 0 || row >= static_cast<int>(m_session.models.size())) return kUnknown;
    const auto found = m_infos.find(m_session.models[static_cast<std::size_t>(row)].text());
    return found == m_infos.end() ? kUnknown : found->second;
}

void Workbench::apply(const Session& session) {
    const bool hasOtherReference =
        session.models != m_session.models || session.reference != m_session.reference;
    if (session.data != m_session.data) m_data = nullptr;
    m_session = session;
    if (hasOtherReference) {
        for (auto& [text, info] : m_infos) info.problem.clear();
        loadModels();
        Q_EMIT modelsChanged();
    }
    Q_EMIT sessionChanged();
    considerPreview();
}

void Workbench::loadModels() {
    std::set<QString> texts;
    for (const SessionModel& model : m_session.models) texts.insert(model.text());
    std::erase_if(m_infos, [&](const auto& info) { return !texts.contains(info.first); });
    for (const SessionModel& model : m_session.models)
        if (m_infos.try_emplace(model.text()).second) load(model);
    forgetOthers();
}

void Workbench::forgetOthers() {
    std::vector<VariantSpec> specs;
    for (const SessionModel& model : m_session.models) {
        try {
            specs.push_back(VariantSpec::parse(model.text().toStdString()));
        } catch (const Error&) {
            continue;  // its row says so
        }
    }
    m_compute.add(
        Lane::Load,
        [this, specs](const RunContext&, const JobQueue::Post&) -> JobQueue::Deliver {
            m_loader.keepOnly(specs);
            returnFreedMemory();
            return {};
        },
        [](ErrorKind, const QString&) {});
}

void Workbench::reload(int row) {
    if (row < 0 || row >= static_cast<int>(m_session.models.size())) return;
    const SessionModel model = m_session.models[static_cast<std::size_t>(row)];
    m_infos[model.text()] = {};
    m_previewed = {};
    load(model);
    Q_EMIT modelsChanged();
}

void Workbench::load(const SessionModel& model) {
    const QString text = model.text();
    // A preview without the new model would be started again at once.
    m_compute.drop(Lane::Preview);
    m_compute.add(
        Lane::Load,
        [this, model, text, preferences = m_preferences](const RunContext& context,
                                                         const JobQueue::Post& post) {
            post([this, text] {
                const auto found = m_infos.find(text);
                if (found == m_infos.end()) return;
                found->second.state = LoadState::Loading;
                Q_EMIT modelsChanged();
            });
            const VariantInfo info = inspectModel(model, preferences, m_loader, context);
            return [this, text, info] { finishLoad(text, info); };
        },
        [this, text](ErrorKind kind, const QString& message) {
            VariantInfo info;
            info.state = LoadState::Failed;
            info.message = message;
            info.advice = adviceFor(kind);
            finishLoad(text, info);
        });
}

void Workbench::finishLoad(const QString& text, const VariantInfo& info) {
    const auto found = m_infos.find(text);
    if (found == m_infos.end()) return;  // removed meanwhile
    found->second = info;
    Q_EMIT modelsChanged();
    if (!m_compute.isBusy(Lane::Load)) considerPreview();
}

bool Workbench::canCompute(QString& why) const {
    if (m_session.models.empty()) {
        why = tr("No model: add a model folder or a GGUF file under Variants.");
    } else if (m_session.prompt.isEmpty()) {
        why = tr("No prompt: write one under Prompt and target.");
    } else if (!info(m_session.reference).message.isEmpty()) {
        why = info(m_session.reference).message;
    }
    return why.isEmpty();
}

PromptOrder Workbench::previewOrder() const {
    PromptOrder out{m_session, m_preferences, {}, false};
    for (int row = 0; row < static_cast<int>(m_session.models.size()); ++row)
        if (!info(row).message.isEmpty()) out.excluded.push_back(row);
    return out;
}

void Workbench::considerPreview() {
    QString why;
    if (!canCompute(why)) {
        m_compute.drop(Lane::Preview);
        m_previewed = {};
        if (m_result != nullptr && (m_session.models.empty() || m_session.prompt.isEmpty())) {
            m_result = nullptr;
            Q_EMIT resultChanged();
        }
        return;
    }
    if (!m_preferences.previews || questionOf(m_session) == m_previewed) return;
    m_compute.drop(Lane::Preview);
    m_debounce.start();
}

void Workbench::startPreview() {
    QString why;
    if (isRunning() || m_compute.isBusy(Lane::Load) || !canCompute(why)) return;
    m_compute.drop(Lane::Preview);
    m_previewed = questionOf(m_session);
    m_compute.add(
        Lane::Preview,
        [this, order = previewOrder()](const RunContext& context, const JobQueue::Post& post) {
            const PromptOutcome first = computeFirstLook(order, m_loader, context.part(0.0, 0.2));
            post([this, first] { publish(first); });
            const PromptOutcome full = computePrompt(order, m_loader, context.part(0.2, 1.0));
            return [this, full] { publish(full); };
        },
        [this](ErrorKind kind, const QString& message) { fail(kind, message); });
    Q_EMIT busyChanged();
}

void Workbench::run() {
    if (isRunning()) return;
    QString why;
    m_debounce.stop();
    if (!canCompute(why)) {
        const bool isFile = !m_session.models.empty() && !m_session.prompt.isEmpty();
        fail(isFile ? ErrorKind::InputFile : ErrorKind::Usage, why);
        return;
    }
    m_compute.drop(Lane::Preview);
    m_previewed = questionOf(m_session);
    m_compute.add(
        Lane::Run,
        [this, session = m_session, preferences = m_preferences, number = m_sessionNumber](
            const RunContext& context, const JobQueue::Post&) {
            // Which models load is known by now: they are asked for before any run.
            PromptOrder order{session, preferences, {}, true};
            const PromptOutcome outcome = computePrompt(order, m_loader, context);
            return [this, outcome, number] {
                if (number == m_sessionNumber) publish(outcome);
                Q_EMIT succeeded();
                Q_EMIT logChanged();
                considerPreview();  // of what was changed meanwhile
            };
        },
        [this](ErrorKind kind, const QString& message) {
            fail(kind, message);
            Q_EMIT logChanged();
            considerPreview();
        });
    Q_EMIT busyChanged();
}

void Workbench::compute(JobQueue::Work work, JobQueue::Fail fail) {
    if (isRunning()) return;
    m_compute.add(Lane::Run, std::move(work), std::move(fail));
    Q_EMIT busyChanged();
}

void Workbench::cancel() {
    m_debounce.stop();
    m_compute.cancel(Lane::Run);
    m_compute.cancel(Lane::Preview);
}

void Workbench::publish(const PromptOutcome& outcome) {
    const int reference = m_session.reference;
    outcome.result->isClassifier = info(reference).isClassifier;
    for (const auto& [text, problem] : outcome.problems) {
        const auto found = m_infos.find(text);
        if (found != m_infos.end() && found->second.message.isEmpty())
            found->second.problem = problem;
    }
    if (!outcome.problems.empty()) Q_EMIT modelsChanged();
    const bool hasOtherText =
        m_result == nullptr || m_result->comparison.ids != outcome.result->comparison.ids;
    m_result = outcome.result;
    if (hasOtherText) m_pinned = -1;
    Q_EMIT resultChanged();
}

void Workbench::fail(ErrorKind kind, const QString& message) {
    if (kind == ErrorKind::Cancelled) Q_EMIT noticed(tr("Cancelled"));
    Q_EMIT failed(kind, message);
}

void Workbench::pinToken(int token) {
    m_pinned = token == m_pinned ? -1 : token;
    Q_EMIT tokenPinned(m_pinned);
}

void Workbench::chooseTarget(const QString& target) {
    edit(tr("Choose the target"), EditKind::Target,
         [&](Session& session) { session.target = target; });
}

void Workbench::report(double fraction, const QString& stage) {
    const qint64 elapsed = m_since.elapsed();
    int left = -1;
    if (fraction > kLeastFraction && elapsed > kLeastMilliseconds) {
        const double seconds = static_cast<double>(elapsed) / 1000.0;
        left = static_cast<int>(seconds * (1.0 - fraction) / fraction + 0.5);
    }
    Q_EMIT progressed(fraction, stage, left);
}

}  // namespace driftlens
