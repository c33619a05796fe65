// Models made from the sample without training.
#include "core/base/random.h"
#include "core/files/checkpoint.h"
#include "core/model/model.h"
#include "core/tensor.h"
#include "tests/science/models.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace driftlens::science {
namespace {

constexpr std::int64_t kGroup = 32;
constexpr double kLevels = 7.0;  // INT4, symmetric: −7 to 7

using Order = std::vector<std::int64_t>;

Order shuffled(std::int64_t size, RandomStream& random) {
    Order out(static_cast<std::size_t>(size));
    std::iota(out.begin(), out.end(), std::int64_t{0});
    for (std::size_t i = out.size(); i > 1; --i) std::swap(out[i - 1], out[random.below(i)]);
    return out;
}

at::Tensor indexOf(const Order& order) {
    return at::tensor(order, at::kLong);
}

// A weight that is being moved into another form of the same function.
struct Moved {
    at::Tensor weight, bias;

    explicit Moved(const Linear& linear)
        : weight(linear.dense(at::kDouble)), bias(linear.bias().to(at::kDouble)) {}
    void reorderRows(const at::Tensor& index) {
        weight = weight.index_select(0, index);
        bias = bias.index_select(0, index);
    }
    void reorderColumns(const at::Tensor& index) { weight = weight.index_select(1, index); }
    void scaleRows(const at::Tensor& by) {
        weight = weight * by.unsqueeze(1);
        bias = bias * by;
    }
    void scaleColumns(const at::Tensor& by) { weight = weight * by; }
    LinearPtr linear() const {
        return makeDenseLinear(weight.to(at::kFloat).contiguous(), bias.to(at::kFloat));
    }
};

// Factors between 1/2 and 2.
at::Tensor factors(std::int64_t size, RandomStream& random) {
    std::vector<double> out;
    for (std::int64_t i = 0; i < size; ++i) out.push_back(std::exp2(2.0 * random.uniform() - 1.0));
    return at::tensor(out, at::kDouble);
}

Order headsReordered(const BlockSpec& block, RandomStream& random) {
    Order out;
    for (const std::int64_t head : shuffled(block.heads, random))
        for (std::int64_t i = 0; i < block.headDim; ++i) out.push_back(head * block.headDim + i);
    return out;
}

// residual: the new order of the hidden channels.
void moveBlock(const Model& model, std::size_t layer, const at::Tensor& residual,
               RandomStream& random, ModelWeights& out) {
    const BlockSpec& block = model.spec().blocks[layer];
    const std::string prefix = "blocks." + std::to_string(layer) + ".";
    const auto moved = [&](const char* name) {
        return Moved(*model.weights().linears.at(prefix + name));
    };
    Moved q = moved("attn.q_proj"), k = moved("attn.k_proj"), v = moved("attn.v_proj");
    Moved o = moved("attn.out_proj"), up = moved("mlp.up_proj"), down = moved("mlp.down_proj");
    const at::Tensor c = factors(q.weight.size(0), random), d = factors(v.weight.size(0), random);
    q.scaleRows(c);
    k.scaleRows(c.reciprocal());
    v.scaleRows(d);
    o.scaleColumns(d.reciprocal());
    const at::Tensor heads = indexOf(headsReordered(block, random));
    const at::Tensor units = indexOf(shuffled(block.mlpSize, random));
    for (Moved* each : {&q, &k, &v}) each->reorderRows(heads);
    o.reorderColumns(heads);
    up.reorderRows(units);
    down.reorderColumns(units);
    for (Moved* each : {&q, &k, &v, &up}) each->reorderColumns(residual);
    for (Moved* each : {&o, &down}) each->reorderRows(residual);
    const std::pair<const char*, const Moved*> all[] = {
        {"attn.q_proj", &q},   {"attn.k_proj", &k},  {"attn.v_proj", &v},
        {"attn.out_proj", &o}, {"mlp.up_proj", &up}, {"mlp.down_proj", &down}};
    for (const auto& [name, each] : all) out.linears[prefix + name] = each->linear();
}

at::Tensor roundedAtRandom(const at::Tensor& weight, RandomStream& random) {
    at::Tensor out = weight.contiguous().clone();
    auto* data = out.mutable_data_ptr<float>();
    for (std::int64_t first = 0; first < out.numel(); first += kGroup) {
        double largest = 0.0;
        for (std::int64_t i = first; i < first + kGroup; ++i)
            largest = std::max(largest, std::abs(static_cast<double>(data[i])));
        const double step = largest / kLevels;
        for (std::int64_t i = first; step > 0.0 && i < first + kGroup; ++i)
            data[i] = static_cast<float>(step * std::floor(data[i] / step + random.uniform()));
    }
    return out;
}

}  // namespace

std::shared_ptr<const Model> stochasticRounding(const Model& model, std::uint64_t seed,
                                                std::uint64_t draw) {
    ModelWeights rounded;
    for (const std::string& name : model.blockLinearNames()) {
        const LinearPtr& own = model.weights().linears.at(name);
        RandomStream random(seed, "stochastic_rounding." + name, draw);
        rounded.linears[name] =
            makeDenseLinear(roundedAtRandom(own->dense(at::kFloat), random), own->bias());
    }
    return model.with(rounded);
}

std::shared_ptr<const Model> between(const Model& from, const Model& to, double share) {
    ModelWeights mixed;
    for (const std::string& name : from.blockLinearNames()) {
        const LinearPtr& own = from.weights().linears.at(name);
        const at::Tensor a = own->dense(at::kFloat);
        const at::Tensor b = to.weights().linears.at(name)->dense(at::kFloat);
        mixed.linears[name] = makeDenseLinear(a + (b - a) * share, own->bias());
    }
    return from.with(mixed);
}

std::shared_ptr<const Model> sameFunction(const Model& model, std::uint64_t seed) {
    RandomStream random(seed, "same_function");
    const at::Tensor residual = indexOf(shuffled(model.spec().hiddenSize, random));
    ModelWeights out;
    for (std::size_t layer = 0; layer < model.spec().blocks.size(); ++layer)
        moveBlock(model, layer, residual, random, out);
    // Tables and norms: the hidden channels are the last axis of all of them.
    for (const auto& [name, tensor] : model.weights().tensors)
        if (!name.starts_with("pooler") && !name.starts_with("head"))
            out.tensors[name] = tensor.index_select(-1, residual).contiguous();
    for (const auto& [name, linear] : model.weights().linears) {
        if (name.starts_with("blocks.") || name == "head") continue;
        Moved outer(*linear);  // the pooler reads the stream; the head reads the pooler
        outer.reorderColumns(residual);
        out.linears[name] = outer.linear();
    }
    return model.with(out);
}

}  // namespace driftlens::science
