#include "ui/docks/prompt_dock.h"

#include "ui/models/metrics_cost.h"
#include "ui/widgets/text.h"
#include "ui/workbench.h"
#include "xai/targets/target.h"

#include <QComboBox>
#include <QFormLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QVBoxLayout>

#include <array>

namespace driftlens {

using namespace Qt::StringLiterals;

PromptDock::PromptDock(Workbench& workbench, QWidget* parent)
    : QDockWidget(tr("Prompt and target"), parent), m_workbench(workbench) {
    setObjectName(u"prompt"_s);
    auto* content = new QWidget(this);
    auto* layout = new QVBoxLayout(content);
    layout->setContentsMargins(8, 4, 8, 8);
    m_prompt = new QPlainTextEdit(content);
    m_prompt->setPlaceholderText(tr("The text that the models answer"));
    m_prompt->setAccessibleName(tr("Prompt"));
    m_prompt->setTabChangesFocus(true);
    layout->addWidget(m_prompt, 1);
    auto* form = new QFormLayout;
    m_target = new QComboBox(content);
    m_target->setEditable(true);
    m_target->addItems({u"top"_s, u"margin"_s, u"class:0"_s, u"class:1"_s, u"generated:8"_s});
    m_target->setAccessibleName(tr("Target"));
    m_target->setToolTip(
        tr("top: the reference's own answer. Or click an answer under Explain, or write\n"
           "class:1, token:\" lamp\", contrast:A|B, text:\" continuation\", margin, generated:8"));
    m_quantity = new QComboBox(content);
    m_quantity->setAccessibleName(tr("Quantity"));
    for (const Quantity each : {Quantity::LogProbability, Quantity::Probability, Quantity::Logit})
        m_quantity->addItem(qtText(quantityName(each)).replace(u'_', u' '),
                            qtText(quantityName(each)));
    form->addRow(tr("Tar&get"), m_target);
    form->addRow(tr("&Quantity"), m_quantity);
    m_metrics = new QComboBox(content);
    m_metrics->setObjectName(u"metrics"_s);
    m_metrics->setAccessibleName(tr("Checks of the explanations"));
    m_metrics->addItem(tr("none"), QString());
    m_metrics->addItem(tr("removal"), u"removal"_s);
    m_metrics->addItem(tr("removal and random weights"), u"all"_s);
    m_metrics->setToolTip(
        tr("How far explanations can be trusted, as --metrics and --metrics=all measure it.\n"
           "Removal: the answer while tokens are removed in the order of each explanation, and\n"
           "while only they are kept. Random weights: the scores with the weights drawn anew."));
    form->addRow(tr("Checks"), m_metrics);
    m_cost = new QLabel(content);
    m_cost->setObjectName(u"cost"_s);
    m_cost->setWordWrap(true);
    m_cost->setTextFormat(Qt::PlainText);
    layout->addLayout(form);
    layout->addWidget(m_cost);
    auto* run = new QPushButton(tr("Run and log"), content);
    run->setToolTip(tr("Ctrl+Return"));
    layout->addWidget(run);
    setWidget(content);
    connect(run, &QPushButton::clicked, &workbench, &Workbench::run);
    connect(&workbench, &Workbench::busyChanged, run,
            [this, run] { run->setEnabled(!m_workbench.isRunning()); });
    connect(m_prompt, &QPlainTextEdit::textChanged, this, [this] {
        if (m_isShowing) return;
        m_workbench.edit(tr("Write the prompt"), EditKind::Prompt,
                         [this](Session& session) { session.prompt = m_prompt->toPlainText(); });
    });
    const auto takeTarget = [this] {
        if (m_isShowing) return;
        m_workbench.chooseTarget(m_target->currentText().trimmed());
    };
    connect(m_target, &QComboBox::activated, this, takeTarget);
    connect(m_target->lineEdit(), &QLineEdit::editingFinished, this, takeTarget);
    connect(m_quantity, &QComboBox::activated, this, [this] {
        m_workbench.edit(tr("Choose the quantity"), EditKind::Single, [this](Session& session) {
            session.quantity = m_quantity->currentData().toString();
        });
    });
    connect(m_metrics, &QComboBox::activated, this, [this] {
        m_workbench.edit(tr("Choose the checks"), EditKind::Single, [this](Session& session) {
            session.metrics = m_metrics->currentData().toString();
        });
    });
    connect(&workbench, &Workbench::resultChanged, this, &PromptDock::showCost);
    connect(&workbench, &Workbench::sessionChanged, this, &PromptDock::showSession);
    showSession();
}

void PromptDock::showSession() {
    const Session& session = m_workbench.session();
    m_isShowing = true;
    if (m_prompt->toPlainText() != session.prompt) m_prompt->setPlainText(session.prompt);
    m_target->setCurrentText(session.target);
    m_quantity->setCurrentIndex(std::max(0, m_quantity->findData(session.quantity)));
    m_metrics->setCurrentIndex(std::max(0, m_metrics->findData(session.metrics)));
    m_isShowing = false;
    showCost();
}

void PromptDock::showCost() {
    const QString cost = metricsCost(m_workbench.session(), m_workbench.result().get());
    m_cost->setText(cost);
    m_cost->setVisible(!cost.isEmpty());
}

void PromptDock::focusPrompt() {
    show();
    raise();
    m_prompt->setFocus(Qt::ShortcutFocusReason);
}

}  // namespace driftlens
