#include "ui/main_window.h"

#include "engine/audit/log.h"
#include "engine/compare/explain.h"
#include "ui/models/result_view.h"
#include "ui/panels/result_panel.h"
#include "ui/panels/variants_dock.h"
#include "xai/methods/method.h"

#include <QComboBox>
#include <QGridLayout>
#include <QLabel>
#include <QLineEdit>
#include <QProgressBar>
#include <QPushButton>
#include <QScrollArea>
#include <QScrollBar>
#include <QStatusBar>
#include <QVBoxLayout>

#include <filesystem>
#include <memory>
#include <string>
#include <system_error>
#include <vector>

namespace driftlens {
namespace {

using namespace Qt::StringLiterals;

constexpr int kProgressSteps = 1000;
constexpr int kTallest = 4000;  // pixels of a picture of the window

// What one job needs, as plain values that the worker owns.
struct Order {
    std::string reference;
    std::vector<std::string> variants;
    std::string prompt;
    std::string method;
    std::filesystem::path log;  // empty: not logged
};

std::unique_ptr<AuditLog> openLog(const std::filesystem::path& file) {
    if (file.empty()) return nullptr;
    std::error_code failure;
    if (file.has_parent_path()) std::filesystem::create_directories(file.parent_path(), failure);
    if (failure) {
        throw Error(ErrorKind::Io, "cannot make the folder of the log " + file.string() + ": " +
                                       failure.message() + "; choose another log file");
    }
    return AuditLog::openForWriting(file);
}

// Runs on the worker thread.
ResultView carryOut(const Order& order, const RunContext& context) {
    const VariantSpec reference = VariantSpec::parse(order.reference);
    std::vector<VariantSpec> variants;
    for (const std::string& variant : order.variants)
        variants.push_back(VariantSpec::parse(variant));
    PromptRequest request;
    request.prompt = order.prompt;
    request.methods.push_back(MethodRequest::parse(order.method));
    // The maps come from this method, whichever gives the strips.
    if (request.methods.front().id != "attention")
        request.methods.push_back(MethodRequest::parse("attention"));
    const std::unique_ptr<AuditLog> log = openLog(order.log);
    if (variants.empty()) return viewOf(explainPrompt(reference, request, log.get(), context));
    return viewOf(comparePrompt(reference, variants, request, log.get(), context));
}

// What the method is and which settings it takes, from its row of the registry.
QString methodTip(const MethodEntry& method) {
    std::string text = std::string(method.title) + ": " + std::string(method.summary);
    for (const ParameterInfo& parameter : method.parameters) {
        text += "\n" + std::string(parameter.name) + "=" + std::string(parameter.fallback) + ": " +
                std::string(parameter.meaning);
    }
    return QString::fromStdString(text);
}

QLabel* labelFor(const QString& text, QWidget* buddy, QWidget* parent) {
    auto* label = new QLabel(text, parent);
    label->setBuddy(buddy);
    return label;
}

}  // namespace

MainWindow::MainWindow(const FormContent& content) {
    setWindowTitle(u"Driftlens"_s);
    m_models = new VariantsDock(this);
    m_models->setModels(content.reference, content.variants);
    addDockWidget(Qt::LeftDockWidgetArea, m_models);

    auto* central = new QWidget(this);
    auto* layout = new QVBoxLayout(central);
    layout->addWidget(makeForm(content));
    m_scroll = new QScrollArea(central);
    m_scroll->setWidgetResizable(true);
    m_scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_result = new ResultPanel(m_scroll);
    m_scroll->setWidget(m_result);
    layout->addWidget(m_scroll, 1);
    setCentralWidget(central);
    makeStatusBar();

    m_runner = new JobRunner(this);
    connectRunner();
    setRunning(false);
    resize(1360, 900);
    resizeDocks({m_models}, {320}, Qt::Horizontal);
}

QWidget* MainWindow::makeForm(const FormContent& content) {
    auto* form = new QWidget(this);
    auto* grid = new QGridLayout(form);
    grid->setContentsMargins(0, 0, 0, 0);
    m_prompt = new QLineEdit(content.prompt, form);
    m_prompt->setPlaceholderText(u"Prompt"_s);
    m_method = new QComboBox(form);
    // Settings are typed behind the name, as on the command line: occlusion:replace=pad.
    m_method->setEditable(true);
    m_method->setMinimumContentsLength(40);
    for (const MethodEntry& method : methods()) {
        m_method->addItem(QString::fromUtf8(method.id.data(), qsizetype(method.id.size())));
        m_method->setItemData(m_method->count() - 1, methodTip(method), Qt::ToolTipRole);
    }
    m_method->setCurrentText(content.method);
    m_method->lineEdit()->setCursorPosition(0);
    m_log = new QLineEdit(content.log, form);
    m_log->setPlaceholderText(u"Empty: the run is not logged"_s);
    m_run = new QPushButton(u"&Run"_s, form);
    m_run->setDefault(true);
    m_cancel = new QPushButton(u"&Cancel"_s, form);
    grid->addWidget(labelFor(u"&Prompt"_s, m_prompt, form), 0, 0);
    grid->addWidget(m_prompt, 0, 1);
    grid->addWidget(labelFor(u"&Method"_s, m_method, form), 0, 2);
    grid->addWidget(m_method, 0, 3);
    grid->addWidget(m_run, 0, 4);
    grid->addWidget(labelFor(u"&Log"_s, m_log, form), 1, 0);
    grid->addWidget(m_log, 1, 1, 1, 3);
    grid->addWidget(m_cancel, 1, 4);
    connect(m_run, &QPushButton::clicked, this, &MainWindow::run);
    connect(m_prompt, &QLineEdit::returnPressed, this, [this] {
        if (!m_runner->isRunning()) run();
    });
    connect(m_cancel, &QPushButton::clicked, this, [this] {
        m_status->setText(u"cancelling…"_s);
        m_runner->cancel();
    });
    return form;
}

void MainWindow::makeStatusBar() {
    m_status = new QLabel(this);
    m_status->setTextFormat(Qt::PlainText);
    m_status->setTextInteractionFlags(Qt::TextSelectableByMouse);
    // A long message must not widen the window.
    m_status->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    m_progress = new QProgressBar(this);
    m_progress->setRange(0, kProgressSteps);
    m_progress->setMaximumWidth(260);
    statusBar()->addWidget(m_status, 1);
    statusBar()->addPermanentWidget(m_progress);
}

void MainWindow::connectRunner() {
    connect(m_runner, &JobRunner::progressed, this, [this](double fraction, const QString& stage) {
        m_progress->setValue(static_cast<int>(fraction * kProgressSteps));
        if (m_cancel->isEnabled()) m_status->setText(stage);
    });
    connect(m_runner, &JobRunner::finished, this, [this] {
        setRunning(false);
        m_status->setText(u"done"_s);
        Q_EMIT succeeded();
    });
    connect(m_runner, &JobRunner::failed, this, &MainWindow::showFailure);
}

void MainWindow::setRunning(bool isRunning) {
    m_run->setEnabled(!isRunning);
    m_cancel->setEnabled(isRunning);
    m_progress->setVisible(isRunning);
    m_progress->setValue(0);
}

void MainWindow::showFailure(ErrorKind kind, const QString& message) {
    setRunning(false);
    const QString line = kind == ErrorKind::Cancelled ? u"cancelled"_s : message;
    m_status->setText(line);
    m_status->setToolTip(line.toHtmlEscaped());
    Q_EMIT failed(kind, line);
}

void MainWindow::run() {
    if (m_models->reference().isEmpty()) {
        showFailure(ErrorKind::Usage, u"no reference: name a model folder on the left"_s);
        return;
    }
    if (m_prompt->text().isEmpty()) {
        showFailure(ErrorKind::Usage, u"no prompt: write one above the result"_s);
        return;
    }
    Order order;
    order.reference = m_models->reference().toStdString();
    for (const QString& variant : m_models->variants())
        order.variants.push_back(variant.toStdString());
    order.prompt = m_prompt->text().toStdString();
    order.method = m_method->currentText().trimmed().toStdString();
    order.log = m_log->text().trimmed().toStdString();
    setRunning(true);
    m_status->setText(u"loading"_s);
    m_runner->start(
        [this, order = std::move(order)](const RunContext& context) -> JobRunner::Deliver {
            auto view = std::make_shared<ResultView>(carryOut(order, context));
            return [this, view] {
                m_result->setView(std::move(*view));
                m_scroll->verticalScrollBar()->setValue(0);
            };
        });
}

void MainWindow::growToResult() {
    resize(width(), std::min(height() + m_scroll->verticalScrollBar()->maximum(), kTallest));
}

}  // namespace driftlens
