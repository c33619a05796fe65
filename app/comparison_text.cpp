#include "app/comparison_text.h"

#include "app/structure_text.h"
#include "core/base/display_text.h"
#include "core/base/text.h"
#include "reports/figures/token_strip.h"
#include "xai/targets/target.h"

#include <cstdio>
#include <sstream>

namespace driftlens {
namespace {

// Columns that one of the models has and that the comparison of scores therefore leaves out.
std::string virtualTokensText(const ExplanationDrift& drift) {
    std::string out;
    for (const auto& [who, attribution] :
         {std::pair("reference", &drift.reference), std::pair("variant", &drift.variant)}) {
        for (std::size_t i = 0; i < attribution->virtualScores.size(); ++i) {
            char row[96];
            std::snprintf(row, sizeof row, "    %+10.4f  %s of the %s alone\n",
                          attribution->virtualScores[i], virtualTokenText(i).c_str(), who);
            out += row;
        }
    }
    return out;
}

// What each checkpoint changed since the one before it.
std::string stepsText(const Comparison& c) {
    std::string out;
    for (std::size_t i = 0; i < c.fromPrevious.size(); ++i) {
        const VariantResult& step = c.fromPrevious[i];
        out += "\nfrom " + c.variants[i].model.name() + " to " + step.model.name() +
               "\n  answer   " +
               (step.fidelity.flip ? "FLIPS: \"" + step.fidelity.referenceTopText + "\" to \"" +
                                         step.fidelity.variantTopText + "\""
                                   : "stays \"" + step.fidelity.variantTopText + "\"") +
               "; KL " + formatNumber(step.fidelity.kl, 3) + " nats\n";
        for (const ExplanationDrift& d : step.explanations)
            out += "  " + d.method + "  " + d.verdict + "\n";
    }
    return out;
}

}  // namespace

std::string comparisonText(const Comparison& c, bool withTokens) {
    std::ostringstream out;
    out << "reference " << c.reference.name() << " (" << c.reference.storedForm
        << ")\nexplained: " << quantityName(c.target.quantity) << " of \"" << c.target.text
        << "\" = " << formatNumber(c.referenceTargetValue, 6) << "\n";
    for (const std::string& warning : c.warnings) out << "warning: " << warning << "\n";
    for (const VariantResult& v : c.variants) {
        const Fidelity& f = v.fidelity;
        out << "\n"
            << v.model.name() << " (" << v.model.storedForm << ", "
            << formatBytes(static_cast<unsigned long long>(v.model.storedBytes)) << ")\n  answer   "
            << (f.flip ? "FLIPS: \"" + f.referenceTopText + "\" to \"" + f.variantTopText + "\""
                       : "stays \"" + f.referenceTopText + "\"")
            << "; probability " << formatNumber(f.referenceProbability, 4) << " to "
            << formatNumber(f.variantProbability, 4) << "; KL " << formatNumber(f.kl, 3)
            << " nats\n"
            << structureText(v.structure);
        for (const ExplanationDrift& d : v.explanations) {
            const auto shown = [](const Figure& figure) {
                return figure.value ? formatNumber(*figure.value, 4) : "n/a";
            };
            out << "  " << d.method << "  Spearman " << shown(d.agreement.spearman) << ", Kendall "
                << shown(d.agreement.kendall) << ", cosine " << shown(d.agreement.cosine)
                << ", Jaccard@3 " << shown(d.agreement.jaccard.at(3)) << "\n    " << d.verdict
                << "\n";
            if (d.reference.completenessGap && d.variant.completenessGap) {
                out << "    completeness gap: reference "
                    << formatNumber(*d.reference.completenessGap, 3) << ", variant "
                    << formatNumber(*d.variant.completenessGap, 3) << "\n";
            }
            const std::size_t rows = withTokens ? d.reference.scores.size() : 0;
            if (withTokens) out << virtualTokensText(d);
            for (std::size_t i = 0; i < rows; ++i) {
                char row[96];
                std::snprintf(row, sizeof row, "    %+10.4f -> %+10.4f  (%+9.4f)  ",
                              d.reference.scores[i], d.variant.scores[i],
                              d.variant.scores[i] - d.reference.scores[i]);
                out << row
                    << (d.reference.parts.empty() ? readableToken(c.input.tokens[i])
                                                  : d.reference.parts[i].name)
                    << "\n";
            }
            if (withTokens && !d.reference.answerTokens.empty())
                out << "    --json has the scores of each of the answer's "
                    << d.reference.answerTokens.size() << " tokens\n";
        }
        for (const std::string& warning : v.warnings) out << "  warning: " << warning << "\n";
    }
    out << stepsText(c);
    return out.str();
}

std::string flipPointsText(const FlipPoints& points) {
    std::string out = points.reference.name() + " continues: “" + displayText(points.continuation) +
                      "” (" + std::to_string(points.tokens) + " tokens)\n";
    for (const FlipPoint& point : points.variants) {
        out += "\n" + point.variant.name() + ": ";
        if (!point.comparison) {
            out += "the same text to its end\n";
            continue;
        }
        out += "the same for " + std::to_string(point.tokensAlike) + " tokens, “" +
               displayText(point.textAlike) + "”, then it leaves\n" +
               comparisonText(*point.comparison, true);
    }
    return out;
}

}  // namespace driftlens
