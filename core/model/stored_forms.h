// How a checkpoint folder stores its matrices: what quantization_config declares.
#pragma once

#include "core/files/checkpoint.h"
#include "core/quantized/packed_matrix.h"

#include <functional>
#include <string>
#include <vector>

namespace driftlens {

// The matrices of a checkpoint that are packed. Immutable; borrows the checkpoint.
class StoredForms {
public:
    // From config.json's quantization_config, or quantize_config.json beside it; nothing is packed
    // where there is neither. Throws Error(Unsupported) for a method or format that is not
    // supported, by name, Error(InputFile) for contradictory settings.
    explicit StoredForms(const Checkpoint& checkpoint);

    // The matrix of a module of the checkpoint ("model.layers.0.mlp.up_proj") whose whole size is
    // given, outputs first whatever the form; nullptr if the module has no packed weight. Throws as
    // the makers in core/quantized do.
    PackedMatrixPtr matrixOf(const std::string& module, MatrixSize size) const;

    // What a user should know about the form, whatever the module.
    const std::vector<std::string>& warnings() const { return m_warnings; }

private:
    void add(const JsonObject& quantization);
    void addGptq(const JsonObject& quantization);
    void addAwq(const JsonObject& quantization);
    void addBitsandbytes(const JsonObject& quantization);
    void addCompressedTensors(const JsonObject& quantization);
    void addSparse(const JsonObject& sparsity);

    // Null where the module has no tensors of the form.
    using Reader = std::function<PackedMatrixPtr(const PackedSource& source)>;

    const Checkpoint& m_checkpoint;
    std::vector<Reader> m_readers;
    std::vector<std::string> m_warnings;
};

}  // namespace driftlens
