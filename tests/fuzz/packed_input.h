// A packed matrix whose sizes, settings, tensors and damage come from the bytes of a fuzzer.
#pragma once

#include "core/quantized/packed_matrix.h"
#include "tests/fuzz/fuzzing.h"

#include <cstring>
#include <deque>
#include <map>

namespace driftlens::fuzz {

// The first bytes are choices, the rest is what tensors are filled with, again and again. Bytes
// that are not there are 0: any input, the empty one too, says what there is.
class PackedInput {
public:
    PackedInput(const std::uint8_t* data, std::size_t size)
        : m_choices(data, std::min(size, kChoices)),
          m_content(data + m_choices.size(), size - m_choices.size()) {
        m_size = {length(), length()};
    }

    const MatrixSize& size() const { return m_size; }

    unsigned choice(unsigned count) {
        return m_next < m_choices.size() ? m_choices[m_next++] % count : 0;
    }

    // Mostly sizes that divide, some that do not, and a few that are none.
    std::int64_t groupSize() {
        constexpr std::array<std::int64_t, 12> kSizes = {
            32, 16, -1, 8, 1, 64, 128, 7, 0, -2, std::int64_t{1} << 40, INT64_MAX};
        return kSizes[choice(kSizes.size())];
    }

    // A tensor under "m.", unless a choice takes it away or damages its type or its shape.
    void add(const std::string& suffix, ElementType type, std::vector<std::int64_t> shape) {
        damage(type, shape);
        if (m_isLeftOut) return;
        std::size_t bytes = elementBytes(type);
        for (const std::int64_t extent : shape) bytes *= static_cast<std::size_t>(extent);
        require(bytes <= kLargestTensor, "the target keeps its tensors small");
        put(suffix, type, std::move(shape), content(bytes));
    }

    // One with that content; its damage is one byte.
    void add(const std::string& suffix, ElementType type, std::vector<std::int64_t> shape,
             std::vector<std::byte> bytes) {
        const unsigned what = choice(256);
        if (what == 255) return;
        if (what == 254 && !bytes.empty()) bytes[choice(256) % bytes.size()] ^= std::byte{1};
        put(suffix, type, std::move(shape), std::move(bytes));
    }

    PackedSource source() const { return {m_tensors, "m", m_size}; }

    std::vector<std::byte> content(std::size_t bytes) {
        std::vector<std::byte> out(bytes);
        for (std::size_t i = 0; i < bytes && !m_content.empty(); ++i)
            out[i] = std::byte{m_content[(m_from + i) % m_content.size()]};
        m_from += bytes;
        return out;
    }

private:
    static constexpr std::size_t kChoices = 24;
    static constexpr std::size_t kLargestTensor = std::size_t{1} << 22;

    std::int64_t length() {
        const unsigned kind = choice(256);
        return kind < 128 ? 32 * (1 + kind % 4) : 1 + kind % 100;
    }

    void damage(ElementType& type, std::vector<std::int64_t>& shape) {
        const unsigned what = choice(256);
        m_isLeftOut = what == 255;
        if (what == 254) type = static_cast<ElementType>(choice(15));
        if (what == 253 && !shape.empty()) shape.back() = choice(200);
        if (what == 252) shape.push_back(1);
        if (what == 251 && !shape.empty()) shape.pop_back();
        if (what == 250) shape.clear();
    }

    // Bytes have a heap block of their own, so that a read past their end is seen.
    void put(const std::string& suffix, ElementType type, std::vector<std::int64_t> shape,
             std::vector<std::byte> bytes) {
        const auto& kept = m_bytes.emplace_back(std::move(bytes));
        const std::string name = "m." + suffix;
        m_tensors[name] = {name, type, std::move(shape), kept, nullptr};
    }

    std::span<const std::uint8_t> m_choices, m_content;
    std::size_t m_next = 0, m_from = 0;
    bool m_isLeftOut = false;
    MatrixSize m_size;
    std::deque<std::vector<std::byte>> m_bytes;
    std::map<std::string, StoredTensor, std::less<>> m_tensors;
};

// Row by row gives what the whole gives.
inline void requireRowsOfWhole(const PackedMatrix& matrix) {
    const auto [rows, columns] = matrix.size();
    std::vector<float> whole(static_cast<std::size_t>(rows * columns));
    matrix.dequantize(0, rows, whole);
    std::vector<float> row(static_cast<std::size_t>(columns));
    for (std::int64_t r = 0; r < rows; ++r) {
        matrix.dequantize(r, 1, row);
        require(
            std::memcmp(row.data(), whole.data() + r * columns, row.size() * sizeof(float)) == 0,
            "a row is that of the whole");
    }
}

}  // namespace driftlens::fuzz
