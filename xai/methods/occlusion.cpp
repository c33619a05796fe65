#include "core/base/error.h"
#include "xai/methods/methods.h"
#include "xai/methods/removal.h"

#include <algorithm>
#include <array>

namespace driftlens {
namespace {

constexpr std::array<ParameterInfo, 5> kTable = {{
    kUnitParameter,
    kReplaceParameter,
    kKeepSpecialParameter,
    {"window", ParameterKind::Integer, "1", 1, 1 << 20, "",
     "neighbouring tokens that are removed together (unit=token)"},
    {"stride", ParameterKind::Integer, "1", 1, 1 << 20, "",
     "tokens from one window to the next; a token in several windows has the mean of their scores"},
}};

// Windows over all tokens; those that cannot be removed stay. The last may be shorter.
UnitTokens windowsOf(const Removal& removal, std::size_t tokens, const ParameterSet& settings) {
    const auto width = static_cast<std::size_t>(settings.integer("window"));
    const auto stride = static_cast<std::size_t>(settings.integer("stride"));
    if (stride > width) {
        throw Error(ErrorKind::Usage, "occlusion: stride " + settings.text("stride") +
                                          " is larger than window " + settings.text("window") +
                                          ": tokens between the windows would have no score");
    }
    UnitTokens out;
    for (std::size_t first = 0; first < tokens; first += stride) {
        out.emplace_back();
        for (std::size_t i = first; i < std::min(first + width, tokens); ++i)
            if (removal.canRemove(i)) out.back().push_back(i);
        if (first + width >= tokens) break;
    }
    return out;
}

// Changes of the target without each unit, [units, columns].
struct Changes {
    std::size_t columns = 1;
    std::vector<double> whole;  // [columns], of the input
    std::vector<double> values;
    double operator()(std::size_t unit, std::size_t column) const {
        return whole[column] - values[unit * columns + column];
    }
};

Changes changesOf(Removal& removal, const UnitTokens& units, std::size_t tokens) {
    std::vector<ChangedText> texts;
    for (const std::vector<std::size_t>& unit : units) {
        std::vector<bool> removed(tokens, false);
        for (const std::size_t token : unit) removed[token] = true;
        texts.push_back(removal.without(removed));
        if (texts.back().empty())
            throw Error(ErrorKind::Usage,
                        "occlusion: without its only unit nothing is left of the text; use "
                        "replace=mask or a smaller unit");
    }
    texts.push_back(removal.without(std::vector<bool>(tokens, false)));
    removal.expect(texts.size());
    Changes out;
    out.columns = removal.columns();
    out.values = removal.values(texts);
    out.whole.assign(out.values.end() - static_cast<std::ptrdiff_t>(out.columns), out.values.end());
    return out;
}

// Means over the units that a token is in: whole units share their score evenly, windows overlap.
std::vector<double> tokenScores(const Changes& changes, std::size_t column, const UnitTokens& units,
                                std::size_t tokens, bool isShared) {
    std::vector<double> out(tokens, 0.0);
    std::vector<double> times(tokens, 0.0);
    for (std::size_t unit = 0; unit < units.size(); ++unit) {
        const double share = isShared ? static_cast<double>(units[unit].size()) : 1.0;
        for (const std::size_t token : units[unit]) {
            out[token] += changes(unit, column) / share;
            times[token] += 1.0;
        }
    }
    for (std::size_t i = 0; i < tokens; ++i) out[i] /= std::max(1.0, times[i]);
    return out;
}

// Each left out in turn.
std::vector<double> virtualScores(const MethodInput& in, Scorer& scorer, double targetValue) {
    const std::int64_t count = in.model.weights().virtualTokens.count();
    const at::Tensor ids = at::tensor(in.input.ids(), at::kLong).unsqueeze(0);
    std::vector<double> scores;
    for (std::int64_t first = 0; first < count; first += in.batch) {
        const std::int64_t rows = std::min(in.batch, count - first);
        const at::Tensor mask = at::arange(count, at::kLong).unsqueeze(0) !=
                                at::arange(first, first + rows, at::kLong).unsqueeze(1);
        for (const double value : scorer.values(ids.expand({rows, -1}), mask))
            scores.push_back(targetValue - value);
    }
    return scores;
}

}  // namespace

const std::span<const ParameterInfo> kOcclusionParameters = kTable;

Attribution explainByOcclusion(const MethodInput& in, const ParameterSet& settings,
                               const RunContext& context) {
    Scorer scorer = scorerOf(in, context);
    Removal removal(in, settings, scorer, EmptyText::NeverAsked);
    const std::size_t tokens = in.input.tokens.size();
    const bool hasWindows = settings.integer("window") > 1;
    if (hasWindows && settings.text("unit") != "token")
        throw Error(ErrorKind::Usage,
                    "occlusion: a window counts tokens: leave unit or window out");
    const UnitTokens units =
        hasWindows ? windowsOf(removal, tokens, settings) : unitsOf(in, settings, removal);
    const Changes changes = changesOf(removal, units, tokens);
    Attribution out;
    out.baseline = removal.said();
    out.targetValue = changes.whole.front();
    out.scores = tokenScores(changes, 0, units, tokens, !hasWindows);
    for (std::size_t c = 1; c < changes.columns; ++c) {
        const std::int64_t id = in.target.continuation[c - 1];
        out.answerTokens.push_back({id, answerText(in.model, in.tokenizer, id), changes.whole[c],
                                    tokenScores(changes, c, units, tokens, !hasWindows)});
    }
    out.virtualScores = virtualScores(in, scorer, out.targetValue);
    if (!out.virtualScores.empty()) out.baseline += "; virtual tokens left out";
    out.evaluations = scorer.evaluations();
    return out;
}

}  // namespace driftlens
