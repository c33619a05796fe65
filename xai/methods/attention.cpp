// Raw attention: what the read position looks at.
#include "core/base/error.h"
#include "core/model/model.h"
#include "xai/methods/attention_maps.h"
#include "xai/methods/methods.h"
#include "xai/methods/token_vectors.h"

#include <array>

namespace driftlens {
namespace {

constexpr std::array<ParameterInfo, 2> kTable = {{
    {"layer", ParameterKind::Integer, "-1", -1, 1023, "",
     "block whose attention is shown; -1: mean of all"},
    {"head", ParameterKind::Integer, "-1", -1, 1023, "", "head that is shown; -1: mean of all"},
}};

// Maps beyond this many values in all are given per layer only.
constexpr std::int64_t kMostHeadValues = std::int64_t{1} << 22;

void checkIndex(std::int64_t index, std::int64_t count, const char* name) {
    if (index < count) return;
    throw Error(ErrorKind::Usage, std::string("attention: ") + name + " " + std::to_string(index) +
                                      " does not exist; the model has 0 to " +
                                      std::to_string(count - 1));
}

}  // namespace

const std::span<const ParameterInfo> kAttentionParameters = kTable;

Attribution explainByAttention(const MethodInput& in, const ParameterSet& settings,
                               const RunContext& context) {
    const std::int64_t layer = settings.integer("layer");
    const std::int64_t head = settings.integer("head");
    checkIndex(layer, static_cast<std::int64_t>(in.model.spec().blocks.size()), "layer");
    Scorer scorer = scorerOf(in, context);
    scorer.addAnswerTokens();
    const AttentionColumns columns = attentionColumns(in);
    const at::Tensor rows = at::tensor(columns.readRows, at::kLong);
    at::Tensor sum = at::zeros({rows.size(0), columns.all()}, at::kDouble);
    std::int64_t used = 0;
    std::int64_t values = 0;
    Attribution out;
    out.baseline = "none";
    const auto add = [&](std::int64_t n, const at::Tensor& maps) {
        checkIndex(head, maps.size(0), "head");
        out.attention.push_back(mapOf(maps.mean(0), n, -1));
        values += maps.numel();
        for (std::int64_t h = 0; h < maps.size(0) && values <= kMostHeadValues; ++h)
            out.attention.push_back(mapOf(maps[h], n, h));
        if (layer >= 0 && layer != n) return;
        const at::Tensor chosen = head >= 0 ? maps[head] : maps.mean(0);
        sum += chosen.index_select(0, rows).to(at::kDouble);
        ++used;
    };
    const std::vector<double> found = visitAttention(scorer, in, add);
    setReadScores(out, columns, sum / static_cast<double>(used));
    finish(out, in, scorer, found);
    return out;
}

}  // namespace driftlens
