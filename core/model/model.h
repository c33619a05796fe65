// A loaded transformer: immutable weights and the one forward pass.
#pragma once

#include "core/base/run_context.h"
#include "core/linears/linear.h"
#include "core/model/forward.h"
#include "core/model/spec.h"

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace driftlens {

// Trained vectors that stand before every text. They have no ids. A prompt's have the width of the
// token table and run through the network as tokens do (Lester et al. 2021; Liu et al. 2021). A
// prefix gives every block keys and values (Li and Liang 2021): width 2·blocks·kv_heads·head_dim,
// block by block its key, then its value; keys are not rotated.
enum class VirtualKind { None, Prompt, Prefix };
struct VirtualTokens {
    VirtualKind kind = VirtualKind::None;
    at::Tensor values;  // [count, width]

    std::int64_t count() const { return values.defined() ? values.size(0) : 0; }
};

// The weights by canonical name. Linears are modules ("blocks.0.attn.q_proj", "head"), tensors are
// everything else ("embeddings.tokens", "blocks.0.attn_norm.weight").
struct ModelWeights {
    // The token table is a tensor where it is stored as floats, and a Linear where it is packed.
    std::map<std::string, LinearPtr, std::less<>> linears;
    std::map<std::string, at::Tensor, std::less<>> tensors;
    VirtualTokens virtualTokens;
};

inline constexpr char kTokenTable[] = "embeddings.tokens";

// The shape a parameter must have, by canonical name.
struct ParameterShape {
    std::string name;
    std::vector<std::int64_t> shape;
    bool isLinearWeight = false;  // "<module>.weight" of a Linear
    bool isLinearBias = false;
};

// Every parameter of a spec, in the order of the forward pass. A tied head is not listed.
std::vector<ParameterShape> parametersOf(const ModelSpec& spec);

// Immutable and thread-safe: jobs share one model. Weights are shared with the models derived
// from it.
class Model : public std::enable_shared_from_this<Model> {
public:
    // Checks that every parameter of the spec is there with its shape; throws Error(InputFile).
    static std::shared_ptr<const Model> make(ModelSpec spec, ModelWeights weights);

    ~Model();
    Model(const Model&) = delete;
    Model& operator=(const Model&) = delete;

    const ModelSpec& spec() const;
    const ModelWeights& weights() const;

    // This model with some Linears, tensors or its virtual tokens replaced; shares everything else.
    // Throws Error(Usage) for a name that is none of the model's, Error(InputFile) for another
    // shape.
    std::shared_ptr<const Model> with(const ModelWeights& overrides) const;

    // Names of the Linears inside the blocks, in order; what compression schemes act on by default.
    // Without the routers of experts: they are small, and compressors leave them as they are.
    std::vector<std::string> blockLinearNames() const;

    std::int64_t parameterCount() const;
    std::int64_t storedBytes() const;  // weights in their stored form

    // How many tokens a text may have; virtual tokens take some of the model's positions.
    std::int64_t textPositions() const;

    const Linear& tokenTable() const;  // [vocabulary, embedding]

    // Token embeddings [batch, tokens, hidden] in that type, before positions and types are added.
    at::Tensor embedTokens(const at::Tensor& ids, at::ScalarType compute) const;

    // One forward pass. Grad mode is set inside from request.keepGraph, whatever the caller has.
    // Throws Error(Usage) for an id out of range or an input longer than the model allows,
    // Error(Cancelled) if stopped.
    ForwardCapture forward(const ForwardInput& input, const ForwardRequest& request,
                           const Hooks& hooks, const RunContext& context) const;

private:
    struct State;
    explicit Model(std::unique_ptr<State> state);
    std::unique_ptr<State> m_state;
};

}  // namespace driftlens
