#include "core/tokenizer/word_cache.h"

namespace driftlens {

WordCache::Slot& WordCache::slotOf(std::string_view word, std::uint64_t hash) {
    const std::size_t mask = m_slots.size() - 1;
    std::size_t at = hash & mask;
    while (!m_slots[at].word.empty() && (m_slots[at].hash != hash || m_slots[at].word != word))
        at = (at + 1) & mask;
    return m_slots[at];
}

void WordCache::grow() {
    std::vector<Slot> old(m_slots.size() * 4);
    old.swap(m_slots);
    for (const Slot& slot : old) {
        if (!slot.word.empty()) slotOf(slot.word, slot.hash) = slot;
    }
}

std::span<const ModelPiece> WordCache::pieces(std::string_view word) {
    if (word.size() > kLongestWord) {
        m_uncached.clear();
        m_model.tokenize(word, m_uncached);
        return m_uncached;
    }
    if (m_used * 2 >= m_slots.size()) grow();
    const std::uint64_t hash = hashOf(word);
    Slot& slot = slotOf(word, hash);
    if (slot.word.empty()) {
        const auto begin = static_cast<std::uint32_t>(m_pieces.size());
        m_model.tokenize(word, m_pieces);
        slot = {word, hash, begin, static_cast<std::uint32_t>(m_pieces.size())};
        ++m_used;
    }
    return std::span(m_pieces).subspan(slot.begin, slot.end - slot.begin);
}

}  // namespace driftlens
