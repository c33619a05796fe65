#include "app/comparison_text.h"

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
            << " nats\n";
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
        }
        for (const std::string& warning : v.warnings) out << "  warning: " << warning << "\n";
    }
    return out.str();
}

}  // namespace driftlens
