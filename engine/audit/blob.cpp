#include "engine/audit/blob.h"

#include "core/base/error.h"
#include "core/base/text.h"
#include "engine/audit/log.h"
#include "engine/audit/record.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace driftlens {
namespace {

constexpr const char* kBlobKey = "blob_commitment";

}  // namespace

Json blobJson(const BlobReference& blob) {
    return {{kBlobKey, toHex(blob.digest)}, {"dtype", blob.dtype}, {"shape", blob.shape}};
}

Sha256 blobDigestIn(const Json& reference, std::string_view where) {
    Sha256 out{};
    const auto found = reference.is_object() ? reference.find(kBlobKey) : reference.end();
    const std::vector<std::uint8_t> bytes = found != reference.end() && found->is_string()
                                                ? fromHex(found->get<std::string>())
                                                : std::vector<std::uint8_t>();
    if (bytes.size() != out.size())
        throw Error(ErrorKind::Tampered, std::string(where) + ": no commitment of a blob");
    std::copy(bytes.begin(), bytes.end(), out.begin());
    return out;
}

namespace audit {
namespace {

static_assert(std::endian::native == std::endian::little, "blobs are copied as they lie in memory");

constexpr std::string_view kFloat64 = "float64";

std::string shapeText(std::span<const std::int64_t> shape) {
    std::string text = "[";
    for (const std::int64_t extent : shape) {
        if (text.size() > 1) text += ',';
        text += std::to_string(extent);
    }
    return text + "]";
}

bool holds(std::span<const std::int64_t> shape, std::size_t count) {
    std::uint64_t elements = 1;
    for (const std::int64_t extent : shape) {
        if (extent < 0) return false;
        if (__builtin_mul_overflow(elements, static_cast<std::uint64_t>(extent), &elements)) {
            return false;
        }
    }
    return elements == count;
}

void collect(const Json& value, std::vector<Sha256>& found) {
    if (value.is_object()) {
        const auto reference = value.find(kBlobKey);
        if (reference != value.end() && reference->is_string()) {
            found.push_back(digestFrom(bytesOf(fromHex(reference->get_ref<const std::string&>()))));
        }
    }
    if (!value.is_structured()) return;
    for (const Json& part : value) collect(part, found);
}

}  // namespace

BlobContent encodeBlob(std::span<const double> values, std::span<const std::int64_t> shape) {
    BlobContent content;
    content.dtype = kFloat64;
    content.shape = shapeText(shape);
    if (!holds(shape, values.size())) {
        throw Error(ErrorKind::Internal, "audit blob: shape " + content.shape + " does not hold " +
                                             std::to_string(values.size()) + " values");
    }
    content.bytes.resize(values.size_bytes());
    if (!values.empty()) std::memcpy(content.bytes.data(), values.data(), values.size_bytes());
    content.digest = blobDigest(content.dtype, content.shape, content.bytes);
    return content;
}

std::vector<double> decodeBlob(std::string_view dtype, std::string_view bytes) {
    if (dtype != kFloat64 || bytes.size() % sizeof(double) != 0) {
        throw Error(ErrorKind::Tampered, "audit blob: " + std::to_string(bytes.size()) +
                                             " bytes of type " + inQuotes(dtype) +
                                             " are no float64 values; run audit verify");
    }
    std::vector<double> values(bytes.size() / sizeof(double));
    if (!values.empty()) std::memcpy(values.data(), bytes.data(), bytes.size());
    return values;
}

Sha256 blobDigest(std::string_view dtype, std::string_view shape, std::string_view bytes) {
    Sha256Hasher hasher;
    hasher.update(dtype);
    hasher.update(std::string_view("|"));
    hasher.update(shape);
    hasher.update(std::string_view("|"));
    hasher.update(bytes);
    return hasher.finish();
}

std::vector<Sha256> blobsIn(const Json& body) {
    std::vector<Sha256> found;
    collect(body, found);
    std::sort(found.begin(), found.end());
    found.erase(std::unique(found.begin(), found.end()), found.end());
    return found;
}

}  // namespace audit
}  // namespace driftlens
