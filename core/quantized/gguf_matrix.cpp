#include "core/quantized/gguf_matrix.h"

#include "core/base/error.h"
#include "core/base/text.h"

namespace driftlens {
namespace {

class GgufMatrix final : public PackedMatrix {
public:
    explicit GgufMatrix(const GgufTensor& tensor)
        : PackedMatrix({tensor.rowCount(), tensor.rowLength()}, std::string(tensor.format->name),
                       tensor.bytes.size()),
          m_tensor(tensor) {}

private:
    void expand(std::int64_t first, std::int64_t count, float* out) const override {
        m_tensor.dequantize(first, count,
                            {out, static_cast<std::size_t>(count * m_tensor.rowLength())});
    }

    GgufTensor m_tensor;
};

}  // namespace

PackedMatrixPtr makeGgufMatrix(const GgufTensor& tensor) {
    if (tensor.format->isSupported()) return std::make_shared<GgufMatrix>(tensor);
    std::string known;
    for (const BlockFormat& format : blockFormats()) {
        if (format.isSupported()) known += (known.empty() ? "" : ", ") + std::string(format.name);
    }
    throw Error(ErrorKind::Unsupported, tensor.file->path().string() + ": tensor " +
                                            inQuotes(tensor.name) + " is in " +
                                            std::string(tensor.format->name) +
                                            ", which is not supported; supported: " + known);
}

}  // namespace driftlens
