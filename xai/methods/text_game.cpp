#include "xai/methods/text_game.h"

#include <algorithm>

namespace driftlens {
namespace {

// Coalitions that are scored together: enough for texts that begin alike to meet, few enough for
// progress to show.
constexpr std::size_t kCoalitionsAtOnce = 1024;

}  // namespace

TextGame::TextGame(const MethodInput& in, const ParameterSet& settings, const RunContext& context)
    : m_in(in),
      m_settings(settings),
      m_scorer(scorerOf(in, context)),
      m_removal(in, settings, m_scorer),
      m_units(unitsOf(in, settings, m_removal)),
      m_context(context),
      m_evaluator(gameOf(), kCoalitionsAtOnce, context) {}

coalitions::Game TextGame::gameOf() {
    return {
        m_units.size(), m_removal.columns(),
        [this](std::span<const coalitions::Coalition> coalitions) { return score(coalitions); }};
}

std::size_t TextGame::addTarget(const Target& target) {
    m_removal.addTarget(target);
    m_evaluator = coalitions::Evaluator(gameOf(), kCoalitionsAtOnce, m_context);
    return m_removal.columns() - 1;
}

std::vector<double> TextGame::score(std::span<const coalitions::Coalition> coalitions) {
    std::vector<ChangedText> texts;
    texts.reserve(coalitions.size());
    for (const coalitions::Coalition& kept : coalitions) {
        std::vector<bool> removed(m_in.input.tokens.size(), false);
        for (std::size_t unit = 0; unit < m_units.size(); ++unit)
            for (const std::size_t token : m_units[unit]) removed[token] = !kept[unit];
        texts.push_back(m_removal.without(removed));
    }
    return m_removal.values(texts);
}

std::vector<std::string> TextGame::segments() const {
    std::vector<std::string> out;
    const std::string& text = m_in.input.text;
    std::size_t begin = 0;
    for (std::size_t unit = 0; unit < m_units.size(); ++unit) {
        const auto& last = m_in.input.tokens[m_units[unit].back()].bytes;
        if (text.empty() || !last) {
            out.push_back(readablePiece(m_in.input.tokens[m_units[unit].back()].text));
            continue;
        }
        // To the next unit's first byte, so that the white space between them belongs to this one.
        std::size_t end = text.size();
        if (unit + 1 < m_units.size()) {
            const auto& next = m_in.input.tokens[m_units[unit + 1].front()].bytes;
            if (next) end = std::max(next->begin, begin);
        }
        out.push_back(text.substr(begin, end - begin));
        begin = end;
    }
    return out;
}

std::size_t TextGame::samples(std::size_t extra) {
    const auto asked = static_cast<std::size_t>(m_settings.integer("samples"));
    const std::size_t wanted = asked > 0 ? asked : 2 * players() + extra;
    const std::size_t planned = std::min(wanted, coalitions::coalitionCount(players()));
    m_removal.expect(planned);
    return planned;
}

Attribution TextGame::explanation(const std::vector<coalitions::PlayerValues>& results,
                                  bool isComplete) const {
    const std::size_t tokens = m_in.input.tokens.size();
    const coalitions::PlayerValues& whole = results.front();
    Attribution out;
    out.baseline = m_removal.said();
    out.scores = sharedByTokens(whole.values, m_units, tokens);
    if (!whole.standardErrors.empty())
        out.standardError = sharedByTokens(whole.standardErrors, m_units, tokens);
    out.targetValue = whole.full;
    out.baselineValue = whole.empty;
    if (isComplete) out.completenessGap = whole.efficiencyGap;
    out.evaluations = static_cast<std::int64_t>(whole.distinctEvaluations);
    for (std::size_t i = 1; i < results.size(); ++i) {
        const std::int64_t id = m_in.target.continuation[i - 1];
        out.answerTokens.push_back({id, answerText(m_in.model, m_in.tokenizer, id), results[i].full,
                                    sharedByTokens(results[i].values, m_units, tokens)});
        if (isComplete) out.answerTokens.back().completenessGap = results[i].efficiencyGap;
    }
    return out;
}

}  // namespace driftlens
