// Large results as bytes: content-addressed in the file, named in records by a salted commitment.
#pragma once

#include "core/base/digest.h"
#include "core/base/json.h"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace driftlens::audit {

// A row of table blob. `digest` = SHA-256("dtype|shape|" ‖ bytes).
struct BlobContent {
    std::string dtype;  // "float64"
    std::string shape;  // "[2,3]"
    std::string bytes;  // little-endian, row-major
    Sha256 digest{};
};

// Throws Error(Internal) if the shape does not hold that many values.
BlobContent encodeBlob(std::span<const double> values, std::span<const std::int64_t> shape);

// Throws Error(Tampered) if the bytes are not whole float64 values.
std::vector<double> decodeBlob(std::string_view dtype, std::string_view bytes);

Sha256 blobDigest(std::string_view dtype, std::string_view shape, std::string_view bytes);

// The commitments of every blob reference (blobJson) inside a body; sorted, distinct.
std::vector<Sha256> blobsIn(const Json& body);

}  // namespace driftlens::audit
