// The Merkle tree over the leaves of a log: RFC 6962, section 2.1 (the same as RFC 9162, 2.1), with
// SHA-256. Computed from the leaves whenever it is needed, never stored.
#pragma once

#include "core/base/digest.h"

#include <cstdint>
#include <span>
#include <vector>

namespace driftlens::audit {

// SHA-256(0x01 ‖ left ‖ right).
Sha256 nodeOf(const Sha256& left, const Sha256& right);

// A tree that grows at its right end. Holds one digest per set bit of its size.
class MerkleTree {
public:
    void add(const Sha256& leaf);
    std::int64_t size() const { return m_size; }
    Sha256 root() const;  // of no leaf: SHA-256 of nothing

private:
    std::int64_t m_size = 0;
    std::vector<Sha256> m_peaks;  // roots of the full subtrees, largest first
};

Sha256 merkleRoot(std::span<const Sha256> leaves);

// PATH(index, leaves), from the leaf's sibling to the top. index < leaves.size().
std::vector<Sha256> inclusionProof(std::span<const Sha256> leaves, std::size_t index);

// Whether the proof leads from the leaf at `index` of `size` leaves to the root (RFC
// 9162, 2.1.3.2).
bool isIncluded(const Sha256& leaf, std::int64_t index, std::int64_t size,
                std::span<const Sha256> proof, const Sha256& root);

// PROOF(oldSize, leaves). 0 < oldSize ≤ leaves.size(); empty if they are equal.
std::vector<Sha256> consistencyProof(std::span<const Sha256> leaves, std::size_t oldSize);

// Whether the proof shows that the tree of `newSize` leaves starts with the tree of `oldSize`
// leaves (RFC 9162, 2.1.4.2). Sizes below one are never consistent.
bool isConsistent(std::int64_t oldSize, const Sha256& oldRoot, std::int64_t newSize,
                  const Sha256& newRoot, std::span<const Sha256> proof);

}  // namespace driftlens::audit
