// The pieces of words that a text has already shown: most words of a text are repeats.
#pragma once

#include "core/tokenizer/model.h"

#include <span>
#include <string_view>
#include <vector>

namespace driftlens {

// Belongs to one call; the words must outlive it.
class WordCache {
public:
    explicit WordCache(const TokenModel& model) : m_model(model), m_slots(kFirstSlots) {}

    // Valid until the next call.
    std::span<const ModelPiece> pieces(std::string_view word);

private:
    static constexpr std::size_t kFirstSlots = 64;
    static constexpr std::size_t kLongestWord = 128;  // bytes; longer ones hardly repeat

    struct Slot {
        std::string_view word;  // empty: free
        std::uint64_t hash = 0;
        std::uint32_t begin = 0, end = 0;
    };

    Slot& slotOf(std::string_view word, std::uint64_t hash);
    void grow();

    const TokenModel& m_model;
    std::vector<Slot> m_slots;
    std::size_t m_used = 0;
    std::vector<ModelPiece> m_pieces, m_uncached;
};

}  // namespace driftlens
