// A matrix of the network that knows its own stored form.
#pragma once

#include "core/base/run_context.h"
#include "core/tensor.h"

#include <cstdint>
#include <memory>
#include <string>

namespace driftlens {

// What a Linear says about itself, for inspect, reports and the log.
struct LinearInfo {
    std::string form;  // "F16", "INT8 row", "INT4 group 32", "trainable F32", …
    std::int64_t outFeatures = 0;
    std::int64_t inFeatures = 0;
    std::int64_t storedBytes = 0;
    double bitsPerWeight = 0.0;      // scales included
    bool roundsActivations = false;  // its gradient in x goes straight through that rounding
};

// y = x Wᵀ + b for one stored form of W [out, in]. Immutable and thread-safe; shared between
// models.
class Linear : public std::enable_shared_from_this<Linear> {
public:
    virtual ~Linear() = default;

    virtual LinearInfo info() const = 0;

    // W [out, in] exactly as stored values mean, in that floating type. May share storage with the
    // stored weight: never write to it.
    virtual at::Tensor dense(at::ScalarType type) const = 0;

    // Rows W[ids] [..., in] for int64 ids [...], as a token table is read; in that type,
    // differentiable in W where it is trainable. Ids are in range.
    virtual at::Tensor rows(const at::Tensor& ids, at::ScalarType type) const;

    // Which rows can be unpacked a few at a time, without the others: W's [in], one for each
    // output, or Wᵀ's [out], one for each input.
    enum class Unpacks { WholeOnly, RowsOfOutputs, RowsOfInputs };
    virtual Unpacks unpacks() const { return Unpacks::WholeOnly; }
    // Writes such rows from `first` on into out, contiguous float32 [rows, in or out]: the values
    // of dense(float32). Not where only the whole is unpacked.
    virtual void unpackRows(std::int64_t first, const at::Tensor& out) const;

    // True if W itself takes part in autograd (distillation, adapters).
    virtual bool isTrainable() const { return false; }

    // Bias [out], or an undefined tensor.
    const at::Tensor& bias() const { return m_bias; }

    // x [..., in] → [..., out], in x's type; differentiable in x for every form: backward
    // dequantises again instead of keeping the dense weight. Throws Error(Cancelled) if the context
    // was stopped, in forward and in backward.
    at::Tensor forward(const at::Tensor& x, const RunContext& context) const {
        return forwardWith(m_bias, x, context);
    }

    // The same with another bias ([out] of any type, or undefined for none) in the place of its
    // own: what an overlay is laid over.
    virtual at::Tensor forwardWith(const at::Tensor& bias, const at::Tensor& x,
                                   const RunContext& context) const;

protected:
    explicit Linear(at::Tensor bias) : m_bias(std::move(bias)) {}

private:
    at::Tensor m_bias;
};

using LinearPtr = std::shared_ptr<const Linear>;

// W as a tensor of any floating type (F16, BF16, F32, F64), possibly a view of a mapped file; if it
// requires a gradient the Linear is trainable.
LinearPtr makeDenseLinear(at::Tensor weight, at::Tensor bias);

}  // namespace driftlens
