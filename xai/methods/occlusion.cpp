#include "core/base/error.h"
#include "xai/methods/methods.h"
#include "xai/targets/scorer.h"

#include <array>

namespace driftlens {
namespace {

constexpr std::array<ParameterInfo, 2> kTable = {{
    {"replace", ParameterKind::Text, "mask", 0, 0, "mask, pad, delete or token:ID",
     "what takes the token's place"},
    {"special", ParameterKind::Choice, "keep", 0, 0, "keep|replace",
     "whether special tokens are occluded too"},
}};

// The input without token `left`, or with another id in its place.
std::vector<std::int64_t> changed(std::vector<std::int64_t> ids, std::size_t left,
                                  std::optional<std::int64_t> replacement) {
    if (replacement) {
        ids[left] = *replacement;
    } else {
        ids.erase(ids.begin() + static_cast<std::ptrdiff_t>(left));
    }
    return ids;
}

// Each left out in turn.
std::vector<double> virtualScores(Scorer& scorer, const std::vector<std::int64_t>& ids,
                                  double targetValue, std::int64_t batch) {
    const std::int64_t count = scorer.model().weights().virtualTokens.count();
    std::vector<double> scores;
    for (std::int64_t first = 0; first < count; first += batch) {
        const std::int64_t rows = std::min(batch, count - first);
        const at::Tensor mask = at::arange(count, at::kLong).unsqueeze(0) !=
                                at::arange(first, first + rows, at::kLong).unsqueeze(1);
        const at::Tensor texts = at::tensor(ids, at::kLong).unsqueeze(0).expand({rows, -1});
        for (const double value : scorer.values(texts, mask)) scores.push_back(targetValue - value);
    }
    return scores;
}

}  // namespace

const std::span<const ParameterInfo> kOcclusionParameters = kTable;

Attribution explainByOcclusion(const MethodInput& in, const ParameterSet& settings,
                               const RunContext& context) {
    Scorer scorer(in.model, in.target, in.compute, context);
    const std::vector<std::int64_t> ids = in.input.ids();
    Attribution out;
    out.scores.assign(ids.size(), 0.0);
    std::optional<std::int64_t> replacement;
    if (settings.text("replace") == "delete") {
        out.baseline = "deleted";
        if (ids.size() < 2)
            throw Error(ErrorKind::Usage, "occlusion: one token alone cannot be deleted");
    } else {
        const Replacement token = replacementToken(in.tokenizer, settings.text("replace"),
                                                   in.model.spec().vocabularySize);
        replacement = token.id;
        out.baseline = token.said;
    }
    out.targetValue = scorer.values(at::tensor(ids, at::kLong).unsqueeze(0)).front();

    std::vector<std::size_t> occluded;
    for (std::size_t i = 0; i < ids.size(); ++i) {
        // A token that is its own replacement changes nothing.
        if (!isKept(in.input.tokens[i], settings) && replacement != ids[i]) occluded.push_back(i);
    }
    out.virtualScores = virtualScores(scorer, ids, out.targetValue, in.batch);
    if (!out.virtualScores.empty()) out.baseline += "; virtual tokens left out";
    const auto batch = static_cast<std::size_t>(in.batch);
    for (std::size_t first = 0; first < occluded.size(); first += batch) {
        const std::size_t last = std::min(first + batch, occluded.size());
        std::vector<at::Tensor> rows;
        for (std::size_t i = first; i < last; ++i) {
            rows.push_back(at::tensor(changed(ids, occluded[i], replacement), at::kLong));
        }
        const std::vector<double> values = scorer.values(at::stack(rows));
        for (std::size_t i = first; i < last; ++i) {
            out.scores[occluded[i]] = out.targetValue - values[i - first];
        }
        context.checkpoint(static_cast<double>(last) / static_cast<double>(occluded.size()),
                           "occlusion");
    }
    out.evaluations = scorer.evaluations();
    return out;
}

}  // namespace driftlens
