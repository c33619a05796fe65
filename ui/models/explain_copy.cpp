#include "ui/models/explain_copy.h"

#include "reports/figures/token_strip.h"
#include "ui/models/explain_view.h"
#include "ui/models/explanation_details.h"
#include "ui/widgets/text.h"

#include <cmath>
#include <string>
#include <utility>
#include <vector>

namespace driftlens {
namespace {

using namespace Qt::StringLiterals;

ExplanationDetails detailsOf(const Result& result, const ExplainQuestion& shown) {
    return explanationDetails(result.comparison, shown.method, shown.detailsOf, shown.withFacts);
}

}  // namespace

QString explainText(const Result& result, const ExplainQuestion& shown) {
    return explainText(explainView(result, shown.method, shown.unit)) +
           detailsText(detailsOf(result, shown));
}

QString explainSvg(const Result& result, const ExplainQuestion& shown) {
    const ExplainView view = explainView(result, shown.method, shown.unit);
    if (!view.showsStrips) {
        const ExplanationDetails details = detailsOf(result, shown);
        if (!details.figures.empty()) return qtText(details.figures.front().svg);
    }
    Drawing all;
    std::vector<Token> labels;
    for (const QString& unit : view.units) {
        Token token;
        token.text = unit.toStdString();
        labels.push_back(std::move(token));
    }
    const auto add = [&](const QString& title, std::vector<double> scores) {
        for (double& score : scores)
            if (std::isnan(score)) score = 0.0;
        Drawing caption{svgText(0, 16, title.toStdString()), 900, 22};
        appendBelow(all, caption, 8);
        appendBelow(all, tokenStrip(labels, scores, view.scale));
    };
    for (const ColumnView& column : view.columns) {
        if (column.scores.scores.empty()) continue;
        add(column.name, column.scores.scores);
        if (!column.difference.scores.empty())
            add(column.name + u": "_s + column.difference.title, column.difference.scores);
    }
    return qtText(svgFigure(all, {view.headline.toStdString(), view.footnote.toStdString()}, true));
}

}  // namespace driftlens
