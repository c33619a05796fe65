#include "core/model/spec.h"

#include "core/base/error.h"

namespace driftlens {
namespace {

// No size of a real model comes near these; products of two of them still fit an int64.
constexpr std::int64_t kLargestSize = std::int64_t{1} << 24;
constexpr std::int64_t kMostBlocks = 1024;
constexpr std::int64_t kMostExperts = 256;

void require(bool holds, const std::string& what, const std::string& message) {
    if (!holds) throw Error(ErrorKind::InputFile, what + ": " + message);
}

void requireSize(std::int64_t value, const char* name, const std::string& what) {
    require(value > 0 && value <= kLargestSize, what,
            std::string(name) + " is " + std::to_string(value) + ", must be 1 to " +
                std::to_string(kLargestSize));
}

void checkBlock(const BlockSpec& block, std::int64_t index, const std::string& what) {
    const std::string where = what + ": block " + std::to_string(index);
    requireSize(block.heads, "number of heads", where);
    requireSize(block.kvHeads, "number of key/value heads", where);
    requireSize(block.headDim, "head size", where);
    requireSize(block.mlpSize, "MLP size", where);
    require(block.window >= 0, where, "window is " + std::to_string(block.window));
    require(block.experts >= 0 && block.experts <= kMostExperts, where,
            "number of experts is " + std::to_string(block.experts) + ", must be 0 to " +
                std::to_string(kMostExperts));
    require(
        block.experts == 0 || (block.expertsPerToken > 0 && block.expertsPerToken <= block.experts),
        where,
        std::to_string(block.expertsPerToken) + " experts per token of " +
            std::to_string(block.experts));
    require(block.heads % block.kvHeads == 0, where,
            std::to_string(block.kvHeads) + " key/value heads do not divide " +
                std::to_string(block.heads) + " heads");
}

void checkRope(const RopeSpec& rope, const ModelSpec& spec, const std::string& what) {
    require(rope.theta > 0.0, what, "rope theta must be positive");
    for (const BlockSpec& block : spec.blocks) {
        require(rope.dimensions > 0 && rope.dimensions % 2 == 0 && rope.dimensions <= block.headDim,
                what,
                "rotary size " + std::to_string(rope.dimensions) +
                    " must be even, positive and at most the head size " +
                    std::to_string(block.headDim));
    }
    const bool usesExponent =
        rope.scaling == RopeScaling::Dynamic || rope.scaling == RopeScaling::Yarn;
    require(!usesExponent || rope.dimensions > 2, what,
            "this rope scaling needs a rotary size above 2");
    if (rope.scaling != RopeScaling::LongRope) return;
    const auto wanted = static_cast<std::size_t>(rope.dimensions / 2);
    require(rope.shortFactors.size() == wanted && rope.longFactors.size() == wanted, what,
            "longrope needs " + std::to_string(wanted) + " factors, short_factor has " +
                std::to_string(rope.shortFactors.size()) + ", long_factor " +
                std::to_string(rope.longFactors.size()));
}

}  // namespace

std::string_view taskName(Task task) {
    switch (task) {
        case Task::CausalLm:
            return "causal_lm";
        case Task::Classification:
            return "classification";
        case Task::MaskedLm:
            return "masked_lm";
        case Task::Encoder:
            return "encoder";
    }
    throw Error(ErrorKind::Internal, "task is not in the list");
}

void checkSpec(const ModelSpec& spec, const std::string& what) {
    requireSize(spec.vocabularySize, "vocabulary size", what);
    requireSize(spec.hiddenSize, "hidden size", what);
    requireSize(spec.maxPositions, "number of positions", what);
    require(spec.firstPosition >= 0 && spec.firstPosition <= kLargestSize, what,
            "first position is " + std::to_string(spec.firstPosition));
    const auto blocks = static_cast<std::int64_t>(spec.blocks.size());
    require(blocks > 0 && blocks <= kMostBlocks, what,
            "number of layers is " + std::to_string(blocks) + ", must be 1 to " +
                std::to_string(kMostBlocks));
    for (std::int64_t i = 0; i < blocks; ++i) {
        checkBlock(spec.blocks[static_cast<std::size_t>(i)], i, what);
    }
    require(spec.normEpsilon > 0.0 && spec.normEpsilon < 1.0, what,
            "norm epsilon is " + std::to_string(spec.normEpsilon) + ", must be between 0 and 1");
    require(spec.blockOrder == BlockOrder::Sequential || spec.normPlace == NormPlace::Pre, what,
            "a parallel block needs its norm before attention and MLP");
    require(spec.embeddingSize >= 0 && spec.embeddingSize <= kLargestSize, what,
            "embedding size is " + std::to_string(spec.embeddingSize));
    if (spec.positionKind == PositionKind::Rotary) {
        checkRope(spec.rope, spec, what);
        if (spec.windowRope) checkRope(*spec.windowRope, spec, what);
    }
    if (spec.task == Task::Classification) requireSize(spec.classes, "number of classes", what);
}

}  // namespace driftlens
