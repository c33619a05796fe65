#include "ui/widgets/dataset_form.h"

#include "ui/theme.h"
#include "ui/widgets/text.h"
#include "xai/methods/method.h"

#include <QCheckBox>
#include <QComboBox>
#include <QFormLayout>
#include <QLabel>
#include <QPlainTextEdit>
#include <QSpinBox>
#include <QTextBlock>

#include <limits>

namespace driftlens {
namespace {

using namespace Qt::StringLiterals;

// Says the problem below the editor and underlines its line.
bool showProblem(QPlainTextEdit* editor, QLabel* label, const std::optional<LineProblem>& problem) {
    QList<QTextEdit::ExtraSelection> marks;
    if (problem) {
        QTextEdit::ExtraSelection mark;
        mark.cursor = QTextCursor(editor->document()->findBlockByNumber(problem->line));
        mark.cursor.select(QTextCursor::LineUnderCursor);
        mark.format.setUnderlineStyle(QTextCharFormat::WaveUnderline);
        mark.format.setUnderlineColor(Colours(editor->palette()).warning());
        marks.push_back(mark);
        label->setText(DatasetForm::tr("Line %1: %2").arg(problem->line + 1).arg(problem->message));
    }
    editor->setExtraSelections(marks);
    label->setVisible(problem.has_value());
    return !problem;
}

}  // namespace

DatasetForm::DatasetForm(QWidget* parent) : QWidget(parent) {
    auto* layout = new QFormLayout(this);
    layout->setContentsMargins(0, 0, 8, 0);
    layout->setRowWrapPolicy(QFormLayout::DontWrapRows);
    layout->setFieldGrowthPolicy(QFormLayout::AllNonFixedFieldsGrow);
    m_text = addColumn(layout, tr("Text column"), tr("guessed"));
    m_label = addColumn(layout, tr("Label column"), tr("guessed"));
    m_slice = addColumn(layout, tr("Slice column"), tr("none"));
    m_cluster = addColumn(layout, tr("Cluster column"), tr("none"));
    m_method = new QComboBox(this);
    m_method->addItem(tr("As under Methods"), QString());
    for (const MethodEntry& each : methods())
        m_method->addItem(qtText(each.title), qtText(each.id));
    m_method->setObjectName(u"method"_s);
    m_method->setAccessibleName(tr("Method"));
    m_primary = new QComboBox(this);
    m_primary->setAccessibleName(tr("Verdicts about"));
    m_primary->addItems(primaryMetrics());
    for (QComboBox* box : {m_method, m_primary}) {
        box->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
        box->setMinimumContentsLength(12);
    }
    m_most = new QSpinBox(this);
    m_most->setRange(0, std::numeric_limits<int>::max());
    m_most->setSpecialValueText(tr("all"));
    m_most->setAccessibleName(tr("Rows"));
    layout->addRow(tr("Method"), m_method);
    layout->addRow(tr("Verdicts about"), m_primary);
    layout->addRow(tr("Rows"), m_most);
    m_yardsticks = new QCheckBox(tr("Measure the yardsticks"), this);
    m_yardsticks->setObjectName(u"yardsticks"_s);
    m_yardsticks->setChecked(true);
    m_truncates = new QCheckBox(tr("Cut texts that are too long"), this);
    m_resume = new QCheckBox(tr("Resume the cancelled run"), this);
    m_resume->hide();
    for (QCheckBox* box : {m_yardsticks, m_truncates, m_resume}) layout->addRow(box);
    m_gates =
        addEditor(layout, tr("Gates, one a line"), u"upper(flip_rate) > 0.02"_s, m_gateProblem);
    m_margins = addEditor(layout, tr("Margins, one a line"), u"spearman=0.05"_s, m_marginProblem);
    connect(m_gates, &QPlainTextEdit::textChanged, this, &DatasetForm::check);
    connect(m_margins, &QPlainTextEdit::textChanged, this, &DatasetForm::check);
}

QComboBox* DatasetForm::addColumn(QFormLayout* layout, const QString& title,
                                  const QString& ifNone) {
    auto* box = new QComboBox(this);
    box->addItem(ifNone, QString());
    box->setAccessibleName(title);
    box->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    box->setMinimumContentsLength(12);
    layout->addRow(title, box);
    return box;
}

QPlainTextEdit* DatasetForm::addEditor(QFormLayout* layout, const QString& title,
                                       const QString& example, QLabel*& problem) {
    auto* editor = new QPlainTextEdit(this);
    editor->setPlaceholderText(example);
    editor->setAccessibleName(title);
    editor->setTabChangesFocus(true);
    editor->setFixedHeight(fontMetrics().height() * 4);
    problem = new QLabel(this);
    problem->setTextFormat(Qt::PlainText);
    problem->setWordWrap(true);
    problem->hide();
    auto* caption = new QLabel(title, this);
    for (QLabel* each : {caption, problem})  // they would share the height that is left
        each->setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Maximum);
    layout->addRow(caption);
    layout->addRow(editor);
    layout->addRow(problem);
    return editor;
}

void DatasetForm::setColumns(const QStringList& columns) {
    for (QComboBox* box : {m_text, m_label, m_slice, m_cluster}) {
        const QString chosen = box->currentData().toString();
        while (box->count() > 1) box->removeItem(1);
        for (const QString& each : columns) box->addItem(each, each);
        box->setCurrentIndex(std::max(0, box->findData(chosen)));
    }
}

void DatasetForm::setResumes(const QString& run) {
    m_resumes = run;
    m_resume->setVisible(!run.isEmpty());
    m_resume->setChecked(!run.isEmpty());
    m_resume->setToolTip(run);
}

DatasetSetup DatasetForm::setup() const {
    DatasetSetup out;
    out.text = m_text->currentData().toString();
    out.label = m_label->currentData().toString();
    out.slice = m_slice->currentData().toString();
    out.cluster = m_cluster->currentData().toString();
    out.method = m_method->currentData().toString();
    out.primary = m_primary->currentText();
    out.most = m_most->value();
    out.withYardsticks = m_yardsticks->isChecked();
    out.truncates = m_truncates->isChecked();
    out.gates = m_gates->toPlainText();
    out.margins = m_margins->toPlainText();
    if (m_resume->isChecked()) out.resumes = m_resumes;
    return out;
}

bool DatasetForm::check() {
    const bool hasGates = showProblem(m_gates, m_gateProblem, gateProblem(m_gates->toPlainText()));
    const bool hasMargins =
        showProblem(m_margins, m_marginProblem, marginProblem(m_margins->toPlainText()));
    return hasGates && hasMargins;
}

}  // namespace driftlens
