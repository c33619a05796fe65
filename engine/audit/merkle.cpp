#include "engine/audit/merkle.h"

#include "engine/audit/record.h"

#include <bit>

namespace driftlens::audit {
namespace {

// The largest power of two below n; n > 1.
std::size_t splitOf(std::size_t n) {
    return std::bit_floor(n - 1);
}

// RFC 6962's SUBPROOF; `isWhole` says that the old tree is this subtree, whose root is known.
void addSubproof(std::span<const Sha256> leaves, std::size_t oldSize, bool isWhole,
                 std::vector<Sha256>& proof) {
    if (oldSize == leaves.size()) {
        if (!isWhole) proof.push_back(merkleRoot(leaves));
        return;
    }
    const std::size_t split = splitOf(leaves.size());
    if (oldSize <= split) {
        addSubproof(leaves.first(split), oldSize, isWhole, proof);
        proof.push_back(merkleRoot(leaves.subspan(split)));
    } else {
        addSubproof(leaves.subspan(split), oldSize - split, false, proof);
        proof.push_back(merkleRoot(leaves.first(split)));
    }
}

}  // namespace

Sha256 nodeOf(const Sha256& left, const Sha256& right) {
    Sha256Hasher hasher;
    hasher.update(std::string_view("\1", 1));
    hasher.update(bytesOf(left));
    hasher.update(bytesOf(right));
    return hasher.finish();
}

void MerkleTree::add(const Sha256& leaf) {
    Sha256 node = leaf;
    for (std::int64_t size = m_size; (size & 1) != 0; size >>= 1) {
        node = nodeOf(m_peaks.back(), node);
        m_peaks.pop_back();
    }
    m_peaks.push_back(node);
    ++m_size;
}

Sha256 MerkleTree::root() const {
    if (m_peaks.empty()) return sha256(std::string_view());
    Sha256 node = m_peaks.back();
    for (std::size_t i = m_peaks.size() - 1; i-- > 0;) node = nodeOf(m_peaks[i], node);
    return node;
}

Sha256 merkleRoot(std::span<const Sha256> leaves) {
    MerkleTree tree;
    for (const Sha256& leaf : leaves) tree.add(leaf);
    return tree.root();
}

std::vector<Sha256> inclusionProof(std::span<const Sha256> leaves, std::size_t index) {
    if (leaves.size() == 1) return {};
    const std::size_t split = splitOf(leaves.size());
    const bool isLeft = index < split;
    const auto left = leaves.first(split);
    const auto right = leaves.subspan(split);
    std::vector<Sha256> proof =
        inclusionProof(isLeft ? left : right, isLeft ? index : index - split);
    proof.push_back(merkleRoot(isLeft ? right : left));
    return proof;
}

bool isIncluded(const Sha256& leaf, std::int64_t index, std::int64_t size,
                std::span<const Sha256> proof, const Sha256& root) {
    if (index < 0 || index >= size) return false;
    std::int64_t place = index;
    std::int64_t last = size - 1;
    Sha256 node = leaf;
    for (const Sha256& sibling : proof) {
        if (last == 0) return false;
        if ((place & 1) != 0 || place == last) {
            node = nodeOf(sibling, node);
            for (; (place & 1) == 0 && place != 0; place >>= 1) last >>= 1;
        } else {
            node = nodeOf(node, sibling);
        }
        place >>= 1;
        last >>= 1;
    }
    return last == 0 && node == root;
}

std::vector<Sha256> consistencyProof(std::span<const Sha256> leaves, std::size_t oldSize) {
    std::vector<Sha256> proof;
    addSubproof(leaves, oldSize, true, proof);
    return proof;
}

bool isConsistent(std::int64_t oldSize, const Sha256& oldRoot, std::int64_t newSize,
                  const Sha256& newRoot, std::span<const Sha256> proof) {
    if (oldSize < 1 || oldSize > newSize) return false;
    if (oldSize == newSize) return proof.empty() && oldRoot == newRoot;
    const bool isFullTree = std::has_single_bit(static_cast<std::uint64_t>(oldSize));
    if (!isFullTree && proof.empty()) return false;
    std::int64_t place = oldSize - 1;
    std::int64_t last = newSize - 1;
    for (; (place & 1) != 0; place >>= 1) last >>= 1;
    Sha256 oldNode = isFullTree ? oldRoot : proof.front();
    Sha256 newNode = oldNode;
    for (const Sha256& sibling : isFullTree ? proof : proof.subspan(1)) {
        if (last == 0) return false;
        if ((place & 1) != 0 || place == last) {
            oldNode = nodeOf(sibling, oldNode);
            newNode = nodeOf(sibling, newNode);
            for (; (place & 1) == 0 && place != 0; place >>= 1) last >>= 1;
        } else {
            newNode = nodeOf(newNode, sibling);
        }
        place >>= 1;
        last >>= 1;
    }
    return last == 0 && oldNode == oldRoot && newNode == newRoot;
}

}  // namespace driftlens::audit
