#include "ui/panels/explain_panel.h"

#include "ui/models/explain_copy.h"
#include "ui/theme.h"
#include "ui/widgets/answer_list.h"
#include "ui/widgets/details_view.h"
#include "ui/widgets/figure_list.h"
#include "ui/widgets/scale_legend.h"
#include "ui/widgets/selectable_label.h"
#include "ui/widgets/text.h"
#include "ui/widgets/token_strip.h"
#include "ui/widgets/verdict_card.h"
#include "xai/methods/method.h"

#include <QCheckBox>
#include <QComboBox>
#include <QGridLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QScrollArea>
#include <QSignalBlocker>
#include <QVBoxLayout>

#include <algorithm>
#include <cmath>

namespace driftlens {
namespace {

using namespace Qt::StringLiterals;

constexpr int kColumnWidth = 170;  // at least: five stand in a window of 1440; more scroll sideways
constexpr int kColumnGap = 16;

// Rows of the grid of columns.
enum Row {
    kName,
    kNote,
    kAnswers,
    kAnswerCard,
    kScores,
    kDifferenceTitle,
    kDifference,
    kReasonsCard,
    kFigures,
    kWarnings,
    kDetails,
    kRest
};

// Names of models have no spaces: they may be broken behind what separates their parts.
QString breakable(const QString& name) {
    QString out;
    for (const QChar letter : name) {
        out += letter;
        if (u"@:_=+,/"_s.contains(letter)) out += QChar(0x200B);  // a space of no width
    }
    return out;
}

}  // namespace

ExplainPanel::ExplainPanel(const PanelEntry& entry, Workbench&, QWidget* parent)
    : Panel(qtText(entry.title).remove(u'&'), qtText(entry.empty), parent) {
    auto* content = new QWidget(this);
    auto* layout = new QVBoxLayout(content);
    layout->setContentsMargins(12, 8, 12, 8);
    layout->addWidget(makeBar());
    m_headline = new QLabel(content);
    m_headline->setTextFormat(Qt::PlainText);
    m_headline->setWordWrap(true);
    m_headline->setTextInteractionFlags(Qt::TextSelectableByMouse);
    layout->addWidget(m_headline);
    m_scroll = new QScrollArea(content);
    m_scroll->setWidgetResizable(true);
    m_scroll->setFrameShape(QFrame::NoFrame);
    m_scroll->setAccessibleName(tr("Models side by side"));
    layout->addWidget(m_scroll, 1);
    setContent(content);
}

QWidget* ExplainPanel::makeBar() {
    auto* bar = new QWidget(this);
    auto* layout = new QHBoxLayout(bar);
    layout->setContentsMargins(0, 0, 0, 0);
    m_method = new QComboBox(bar);
    m_method->setAccessibleName(tr("Method shown"));
    m_unit = new QComboBox(bar);
    m_unit->setAccessibleName(tr("Scores by"));
    m_unit->addItem(tr("Tokens"), static_cast<int>(GroupUnit::Token));
    m_unit->addItem(tr("Words"), static_cast<int>(GroupUnit::Word));
    m_unit->addItem(tr("Sentences"), static_cast<int>(GroupUnit::Sentence));
    m_values = new QCheckBox(tr("Value&s"), bar);
    m_values->setChecked(true);
    m_differences = new QCheckBox(tr("D&ifferences"), bar);
    m_differences->setChecked(true);
    m_facts = new QCheckBox(tr("How it w&as made"), bar);
    m_facts->setToolTip(tr("Settings, baseline, cost and errors, under the strips"));
    m_legend = new ScaleLegend(bar);
    auto* method = new QLabel(tr("Sho&w"), bar);
    method->setBuddy(m_method);
    auto* unit = new QLabel(tr("&by"), bar);
    unit->setBuddy(m_unit);
    for (QWidget* each : std::initializer_list<QWidget*>{method, m_method, unit, m_unit, m_values,
                                                         m_differences, m_facts})
        layout->addWidget(each);
    layout->addStretch(1);
    layout->addWidget(m_legend);
    connect(m_method, &QComboBox::currentIndexChanged, this, &ExplainPanel::rebuild);
    connect(m_unit, &QComboBox::currentIndexChanged, this, &ExplainPanel::rebuild);
    connect(m_differences, &QCheckBox::toggled, this, &ExplainPanel::rebuild);
    connect(m_facts, &QCheckBox::toggled, this, &ExplainPanel::showDetails);
    connect(m_values, &QCheckBox::toggled, this, &ExplainPanel::setShowsValues);
    return bar;
}

bool ExplainPanel::showResult(const ResultPtr& result) {
    if (result->comparison.referenceExplanations.empty()) return false;
    m_result = result;
    fillMethods();
    rebuild();
    return true;
}

void ExplainPanel::fillMethods() {
    const QSignalBlocker silence(m_method);
    const QString chosen = m_method->currentData().toString();
    m_method->clear();
    for (const std::string& id : methodsOf(m_result->comparison))
        m_method->addItem(qtText(methodNamed(id).title), QString::fromStdString(id));
    // Of a first look the fast method is first, whatever was chosen before it.
    m_method->setCurrentIndex(std::max(0, m_result->isPreview ? 0 : m_method->findData(chosen)));
}

QLabel* ExplainPanel::label(const QString& text, bool isFaint) {
    auto* out = new SelectableLabel(text);
    out->setAlignment(Qt::AlignTop | Qt::AlignLeft);
    // Columns are equally wide, whatever stands in them: the same token is at the same place then.
    QSizePolicy policy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    policy.setHeightForWidth(true);  // else the last lines of long warnings are cut off
    out->setSizePolicy(policy);
    if (isFaint) {
        QPalette faint = palette();
        faint.setColor(QPalette::WindowText, Colours(palette()).faint());
        out->setPalette(faint);
    }
    return out;
}

void ExplainPanel::rebuild() {
    if (m_result == nullptr) return;
    const int place = m_method->currentIndex();
    m_view = explainView(*m_result, static_cast<std::size_t>(std::max(0, place)),
                         static_cast<GroupUnit>(m_unit->currentData().toInt()));
    m_headline->setText(
        u"%1  ·  %2  ·  %3"_s.arg(m_view.headline, m_method->currentText(), m_view.footnote));
    m_headline->setToolTip(m_view.warnings.join(u'\n').toHtmlEscaped());
    m_legend->setLargest(m_view.scale);
    m_legend->setVisible(m_view.showsStrips);
    for (QWidget* each : std::initializer_list<QWidget*>{m_unit, m_values, m_differences})
        each->setEnabled(m_view.showsStrips);
    m_strips.clear();
    m_details = nullptr;
    auto* columns = new QWidget;
    auto* grid = new QGridLayout(columns);
    grid->setContentsMargins(0, 4, 8, 8);
    grid->setHorizontalSpacing(kColumnGap);
    grid->setVerticalSpacing(6);
    const auto layout = std::make_shared<const StripLayout>(StripLayout::of(m_view, fontMetrics()));
    for (std::size_t i = 0; i < m_view.columns.size(); ++i)
        addColumn(grid, static_cast<int>(i), m_view.columns[i], layout);
    const auto all = static_cast<int>(m_view.columns.size());
    if (all > 0) grid->addWidget(makeDetails(), kDetails, 0, 1, all);
    if (!m_view.warnings.isEmpty())
        grid->addWidget(label(m_view.warnings.join(u'\n'), true), kRest, 0, 1, std::max(1, all));
    grid->setRowStretch(kRest + 1, 1);
    m_scroll->setWidget(columns);
    setShowsValues(m_showsValues);
    pinToken(m_pinned);
}

void ExplainPanel::addColumn(QGridLayout* grid, int index, const ColumnView& column,
                             const std::shared_ptr<const StripLayout>& layout) {
    grid->setColumnMinimumWidth(index, kColumnWidth);
    grid->setColumnStretch(index, 1);
    QLabel* name = label(breakable(column.name), false);
    QFont bold = font();
    bold.setBold(true);
    name->setFont(bold);
    name->setToolTip(u"%1: %2"_s.arg(column.role, column.name).toHtmlEscaped());
    name->setAlignment(Qt::AlignTop | Qt::AlignLeft);
    grid->addWidget(name, kName, index);
    QLabel* note = label(column.note.isEmpty() ? column.role : column.note, true);
    note->setWordWrap(false);
    note->setToolTip(note->text());
    grid->addWidget(note, kNote, index);
    auto* answers = new AnswerList(column.answers, this);
    connect(answers, &AnswerList::targetChosen, this, &Panel::targetChosen);
    grid->addWidget(answers, kAnswers, index);
    constexpr Row kCardRows[] = {kAnswerCard, kReasonsCard};
    for (std::size_t i = 0; i < std::min(column.cards.size(), std::size(kCardRows)); ++i) {
        auto* card = new VerdictCard(column.cards[i], this);
        // As of the labels: what a card says must not widen its column.
        card->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
        grid->addWidget(card, kCardRows[i], index);
    }
    const bool hasStrip = m_view.showsStrips && !column.scores.scores.empty();
    if (hasStrip) addStrip(grid, kScores, index, column.scores, layout);
    if (hasStrip && !column.difference.scores.empty() && m_differences->isChecked()) {
        QLabel* title = label(column.difference.title, true);
        title->setWordWrap(false);
        grid->addWidget(title, kDifferenceTitle, index);
        addStrip(grid, kDifference, index, column.difference, layout);
    }
    if (!column.figures.empty())
        grid->addWidget(new FigureList(column.figures, this), kFigures, index);
    if (!column.warnings.isEmpty())
        grid->addWidget(label(column.warnings.join(u'\n'), true), kWarnings, index);
}

void ExplainPanel::addStrip(QGridLayout* grid, int row, int index, const StripView& strip,
                            const std::shared_ptr<const StripLayout>& layout) {
    auto* out = new TokenStrip(layout, strip, m_view.scale, this);
    connect(out, &TokenStrip::unitClicked, this, [this](int unit) {
        const auto& tokens = m_view.tokensOf[static_cast<std::size_t>(unit)];
        if (!tokens.empty()) Q_EMIT tokenClicked(static_cast<int>(tokens.front()));
    });
    m_strips.push_back(out);
    grid->addWidget(out, row, index);
}

// What the method says besides: of one model at a time, for it may be long.
QWidget* ExplainPanel::makeDetails() {
    auto* out = new QWidget;
    auto* layout = new QVBoxLayout(out);
    layout->setContentsMargins(0, 8, 0, 8);
    auto* bar = new QHBoxLayout;
    m_detailsOf = new QComboBox(out);
    m_detailsOf->setAccessibleName(tr("Details of which model"));
    for (const ColumnView& column : m_view.columns) m_detailsOf->addItem(column.name);
    m_detailsOf->setCurrentIndex(std::max(0, m_detailsOf->findText(m_detailsModel)));
    bar->addWidget(new QLabel(tr("Details of"), out));
    bar->addWidget(m_detailsOf);
    bar->addStretch(1);
    layout->addLayout(bar);
    m_details = new DetailsView(out);
    layout->addWidget(m_details);
    connect(m_detailsOf, &QComboBox::currentIndexChanged, this, &ExplainPanel::showDetails);
    showDetails();
    return out;
}

ExplanationDetails ExplainPanel::detailsOf(int column) const {
    if (m_result == nullptr) return {};
    const int method = std::max(0, m_method->currentIndex());
    return explanationDetails(m_result->comparison, static_cast<std::size_t>(method), column - 1,
                              m_facts->isChecked());
}

void ExplainPanel::showDetails() {
    if (m_details == nullptr) return;
    m_detailsModel = m_detailsOf->currentText();
    m_details->setDetails(detailsOf(m_detailsOf->currentIndex()));
    QWidget* box = m_details->parentWidget();
    // A variant that failed has none, but the others still have.
    if (detailsOf(0).isEmpty())
        box->hide();
    else if (box->parentWidget() != nullptr)
        box->show();
}

int ExplainPanel::unitOf(int token) const {
    for (std::size_t unit = 0; unit < m_view.tokensOf.size(); ++unit) {
        const auto& tokens = m_view.tokensOf[unit];
        if (std::find(tokens.begin(), tokens.end(), static_cast<std::size_t>(token)) !=
            tokens.end())
            return static_cast<int>(unit);
    }
    return -1;
}

void ExplainPanel::pinToken(int token) {
    m_pinned = token;
    const int unit = token < 0 ? -1 : unitOf(token);
    for (TokenStrip* strip : m_strips) strip->setPinned(unit);
}

void ExplainPanel::setShowsValues(bool shows) {
    m_showsValues = shows;
    const QSignalBlocker silence(m_values);
    m_values->setChecked(shows);
    for (TokenStrip* strip : m_strips) strip->setShowsValues(shows);
}

void ExplainPanel::themeChanged() {
    if (m_result != nullptr && state() == PanelState::Content) rebuild();
}

bool ExplainPanel::has(CopyFormat) const {
    return m_result != nullptr;
}

CopyWork ExplainPanel::copyWork(CopyFormat format) const {
    if (format == CopyFormat::JsonText)
        return copyOf([result = m_result] { return qtText(toJson(result->comparison).dump(2)); });
    if (format == CopyFormat::Picture) {
        // All that can be scrolled to. Widgets are painted on the GUI thread.
        const QImage image =
            m_scroll->widget() == nullptr ? QImage() : m_scroll->widget()->grab().toImage();
        return [image] { return Copied{{}, image}; };
    }
    const ExplainQuestion shown{static_cast<std::size_t>(std::max(0, m_method->currentIndex())),
                                static_cast<GroupUnit>(m_unit->currentData().toInt()),
                                m_details == nullptr ? -1 : m_detailsOf->currentIndex() - 1,
                                m_facts->isChecked()};
    return copyOf([result = m_result, shown, isSvg = format == CopyFormat::SvgText] {
        return isSvg ? explainSvg(*result, shown) : explainText(*result, shown);
    });
}

}  // namespace driftlens
