#include "xai/attribution.h"

namespace driftlens {

std::string_view gradientName(GradientKind gradient) {
    switch (gradient) {
        case GradientKind::None:
            return "none";
        case GradientKind::Exact:
            return "exact";
        case GradientKind::StraightThrough:
            return "straight_through";
    }
    return "none";
}

std::string virtualTokenText(std::size_t index) {
    return "[virtual " + std::to_string(index + 1) + "]";
}

ScoredColumns columnsOf(const Attribution& attribution, const std::vector<Token>& tokens) {
    ScoredColumns out;
    for (std::size_t i = 0; i < attribution.virtualScores.size(); ++i) {
        Token token;
        token.id = -1;
        token.text = virtualTokenText(i);
        token.isSpecial = true;
        out.tokens.push_back(std::move(token));
    }
    if (attribution.parts.empty()) {
        out.tokens.insert(out.tokens.end(), tokens.begin(), tokens.end());
    } else {
        for (const Part& part : attribution.parts) {
            out.tokens.emplace_back();
            out.tokens.back().id = -1;
            out.tokens.back().text = part.name;
        }
    }
    out.scores = attribution.virtualScores;
    out.scores.insert(out.scores.end(), attribution.scores.begin(), attribution.scores.end());
    return out;
}

}  // namespace driftlens
