#include "core/base/error.h"
#include "xai/methods/methods.h"
#include "xai/targets/scorer.h"

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

// [queries, keys]; rows that are keys alone are zero.
AttentionMap mapOf(const at::Tensor& map, std::int64_t layer, std::int64_t head) {
    const at::Tensor flat =
        at::constant_pad_nd(map.to(at::kFloat), {0, 0, map.size(1) - map.size(0), 0}).contiguous();
    const auto* data = flat.const_data_ptr<float>();
    return {layer, head, flat.size(1), std::vector<float>(data, data + flat.numel())};
}

void checkIndex(std::int64_t index, std::int64_t count, const char* name) {
    if (index >= count) {
        throw Error(ErrorKind::Usage,
                    std::string("attention: ") + name + " " + std::to_string(index) +
                        " does not exist; the model has 0 to " + std::to_string(count - 1));
    }
}

}  // namespace

const std::span<const ParameterInfo> kAttentionParameters = kTable;

Attribution explainByAttention(const MethodInput& in, const ParameterSet& settings,
                               const RunContext& context) {
    const std::int64_t layer = settings.integer("layer");
    const std::int64_t head = settings.integer("head");
    const auto layers = static_cast<std::int64_t>(in.model.spec().blocks.size());
    checkIndex(layer, layers, "layer");
    ForwardInput input;
    input.ids = at::tensor(in.input.ids(), at::kLong).unsqueeze(0);
    const std::int64_t tokens = input.ids.size(1);
    ForwardRequest request;
    request.compute = scalarTypeOf(in.compute);
    const bool isClassifier = in.model.spec().task == Task::Classification;
    // A prompt's columns are queries too, a prefix's are keys alone.
    const VirtualTokens& before = in.model.weights().virtualTokens;
    const std::int64_t queriesBefore = before.kind == VirtualKind::Prompt ? before.count() : 0;
    const std::int64_t position = isClassifier ? 0 : tokens + in.target.position;
    const std::int64_t row = isClassifier ? 0 : position + queriesBefore;
    request.logitPositions = at::full({1, 1}, position, at::kLong);
    for (std::int64_t n = 0; n < layers; ++n)
        request.capture.insert({SiteKind::AttentionProbabilities, n});
    const ForwardCapture capture = in.model.forward(input, request, {}, context);

    Attribution out;
    out.evaluations = 2;
    out.baseline = "none";
    out.targetValue = Scorer(in.model, in.target, in.compute, context).values(input.ids).front();
    const std::int64_t columns = before.count() + tokens;
    at::Tensor sum = at::zeros({columns}, at::kDouble);
    std::int64_t used = 0;
    std::int64_t values = 0;
    for (std::int64_t n = 0; n < layers; ++n) {
        const at::Tensor maps =
            capture.sites.at({SiteKind::AttentionProbabilities, n})[0];  // [H, T, T]
        checkIndex(head, maps.size(0), "head");
        out.attention.push_back(mapOf(maps.mean(0), n, -1));
        values += maps.numel();
        for (std::int64_t h = 0; h < maps.size(0) && values <= kMostHeadValues; ++h) {
            out.attention.push_back(mapOf(maps[h], n, h));
        }
        if (layer >= 0 && layer != n) continue;
        const at::Tensor chosen = head >= 0 ? maps[head] : maps.mean(0);
        sum = sum + chosen[row].to(at::kDouble);
        ++used;
    }
    sum = (sum / static_cast<double>(used)).contiguous();
    const auto* data = sum.const_data_ptr<double>();
    out.virtualScores.assign(data, data + before.count());
    out.scores.assign(data + before.count(), data + columns);
    return out;
}

}  // namespace driftlens
