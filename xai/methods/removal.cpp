#include "xai/methods/removal.h"

#include "core/base/error.h"
#include "core/base/text.h"
#include "xai/groups.h"
#include "xai/methods/token_vectors.h"

#include <algorithm>

namespace driftlens {
namespace {

// Stands in front of what is left of a text.
std::int64_t frontToken(const Tokenizer& tokenizer) {
    const SpecialTokenIds& roles = tokenizer.specialTokens();
    for (const std::optional<std::int64_t>& role : {roles.bos, roles.eos, roles.classification})
        if (role) return *role;
    throw Error(ErrorKind::Usage,
                "replace=delete would leave nothing of the text, and the model has no begin or end "
                "token to stand in front; use replace=mask or token:ID");
}

std::string pieceText(const Tokenizer& tokenizer, std::int64_t id) {
    return tokenizer.pieceOf(id).value_or("#" + std::to_string(id));
}

}  // namespace

Removal::Removal(const MethodInput& in, const ParameterSet& settings, Scorer& scorer,
                 EmptyText empty)
    : m_ids(in.input.ids()),
      m_scorer(scorer, in.batch, vectorOf(in, settings.text("replace"), scorer)) {
    if (in.target.continuation.size() > 1) m_scorer.addAnswerTokens();
    for (const Token& token : in.input.tokens) m_canRemove.push_back(!isKept(token, settings));
    const std::string& replace = settings.text("replace");
    if (replace == "delete") {
        m_said = "deleted";
        const bool mayLoseAll =
            std::find(m_canRemove.begin(), m_canRemove.end(), false) == m_canRemove.end();
        if (mayLoseAll && empty == EmptyText::Scored) {
            m_front = frontToken(in.tokenizer);
            m_said += "; " + pieceText(in.tokenizer, *m_front) + " stands in front of every text";
        }
    } else if (replace == "zero" || replace == "mean") {
        m_id = kVectorId;
        m_said = replace == "zero" ? "zero embedding" : "mean embedding of the vocabulary";
    } else {
        const Replacement token =
            replacementToken(in.tokenizer, replace, in.model.spec().vocabularySize);
        m_id = token.id;
        m_said = token.said;
    }
}

at::Tensor Removal::vectorOf(const MethodInput& in, const std::string& replace,
                             const Scorer& scorer) {
    if (replace != "zero" && replace != "mean") return {};
    return baselineVector(in.model, replace, scorer.type());
}

ChangedText Removal::without(const std::vector<bool>& removed) const {
    ChangedText out;
    out.reserve(m_ids.size() + 1);
    if (m_front) out.push_back(*m_front);
    for (std::size_t i = 0; i < m_ids.size(); ++i) {
        if (!removed[i]) out.push_back(m_ids[i]);
        if (removed[i] && m_id) out.push_back(*m_id);
    }
    return out;
}

UnitTokens unitsOf(const MethodInput& in, const ParameterSet& settings, const Removal& removal) {
    UnitTokens out;
    const std::string& unit = settings.text("unit");
    if (unit != "token" && in.input.text.empty()) {
        throw Error(ErrorKind::Usage, "unit=" + unit +
                                          " needs a text: the input was given as token ids; use "
                                          "--prompt or unit=token");
    }
    if (unit == "token") {
        for (std::size_t i = 0; i < in.input.tokens.size(); ++i)
            if (removal.canRemove(i)) out.push_back({i});
    } else {
        Attribution none;
        none.scores.assign(in.input.tokens.size(), 0.0);
        for (const ScoreGroup& group : groupScores(none, in.input, Grouping::parse(unit)).groups) {
            std::vector<std::size_t> tokens;
            std::copy_if(group.tokens.begin(), group.tokens.end(), std::back_inserter(tokens),
                         [&](std::size_t i) { return removal.canRemove(i); });
            if (!tokens.empty()) out.push_back(std::move(tokens));
        }
    }
    if (out.empty()) {
        throw Error(ErrorKind::Usage,
                    "all tokens of the prompt are special, so that nothing can be removed; "
                    "special=replace removes them too");
    }
    return out;
}

std::vector<double> sharedByTokens(const std::vector<double>& unitScores, const UnitTokens& units,
                                   std::size_t tokens) {
    std::vector<double> out(tokens, 0.0);
    for (std::size_t u = 0; u < units.size(); ++u)
        for (const std::size_t token : units[u])
            out[token] = unitScores[u] / static_cast<double>(units[u].size());
    return out;
}

}  // namespace driftlens
