#include "core/quantized/bitsandbytes.h"

#include "core/base/error.h"
#include "core/base/json.h"
#include "core/base/text.h"
#include "core/quantized/coded_values.h"

#include <array>
#include <cmath>
#include <limits>
#include <string_view>
#include <utility>

namespace driftlens {
namespace {

constexpr std::array<std::string_view, 2> kStates = {"weight.quant_state.bitsandbytes__nf4",
                                                     "weight.quant_state.bitsandbytes__fp4"};
constexpr std::int64_t kLargestBlock = 1 << 20;
constexpr std::int64_t kTableSize = 16;
constexpr std::int64_t kNestedTableSize = 256;

// The JSON beside a matrix.
struct State {
    std::string type;  // "nf4", "fp4"
    std::int64_t blockSize = 0;
    RoundTo roundTo = RoundTo::F32;
    std::int64_t nestedBlockSize = 0;  // 0: absmax is not nested
    float nestedOffset = 0.0F;
};

const StoredTensor& stateTensor(const PackedSource& source) {
    for (const std::string_view suffix : kStates) {
        if (const StoredTensor* tensor = source.find(suffix)) return *tensor;
    }
    return source.required(kStates[0]);
}

RoundTo roundToOf(const StoredTensor& tensor, const std::string& name) {
    if (name == "float32") return RoundTo::F32;
    if (name == "float16") return RoundTo::F16;
    if (name == "bfloat16") return RoundTo::BF16;
    failTensor(tensor, "has the dtype " + inQuotes(name) + ", expected a floating-point type");
}

State readState(const StoredTensor& tensor, const MatrixSize& size) {
    requireType(tensor, ElementType::U8);
    const std::string what = "tensor " + inQuotes(tensor.name, 200);
    const Json json =
        parseJson({reinterpret_cast<const char*>(tensor.bytes.data()), tensor.bytes.size()},
                  (tensor.file ? tensor.file->path().string() + ": " : "") + what);
    const JsonObject object(json, what);
    State state;
    state.type = object.string("quant_type");
    if (!tensor.name.ends_with("__" + state.type)) {
        failTensor(tensor, "has the quant_type " + inQuotes(state.type));
    }
    state.blockSize = object.integer("blocksize", 1, kLargestBlock);
    state.roundTo = roundToOf(tensor, object.string("dtype"));
    const Json* shape = object.find("shape");
    if (shape == nullptr || *shape != Json({size.rows, size.columns})) {
        failTensor(tensor, "has the shape " + (shape == nullptr ? "null" : shape->dump()) +
                               ", expected " + shapeText({size.rows, size.columns}));
    }
    if (object.has("nested_blocksize")) {
        constexpr double kLargest = std::numeric_limits<float>::max();
        state.nestedBlockSize = object.integer("nested_blocksize", 1, kLargestBlock);
        state.nestedOffset =
            static_cast<float>(object.number("nested_offset", -kLargest, kLargest));
    }
    return state;
}

std::vector<float> tableOf(const PackedSource& source, std::string_view suffix,
                           std::int64_t entries) {
    return finiteFloats(source.required(suffix, ElementType::F32, {entries}));
}

// The largest magnitude of every block, itself in eight bits where it is nested.
std::vector<float> readAbsmax(const PackedSource& source, const State& state, std::int64_t blocks) {
    const StoredTensor& absmax = source.required("weight.absmax");
    requireShape(absmax, {blocks});
    if (state.nestedBlockSize == 0) {
        requireType(absmax, ElementType::F32);
        return finiteFloats(absmax);
    }
    requireType(absmax, ElementType::U8);
    const auto table = tableOf(source, "weight.nested_quant_map", kNestedTableSize);
    const std::int64_t outer = (blocks + state.nestedBlockSize - 1) / state.nestedBlockSize;
    const auto scales = tableOf(source, "weight.nested_absmax", outer);
    std::vector<float> out(static_cast<std::size_t>(blocks));
    for (std::size_t i = 0; i < out.size(); ++i) {
        const std::size_t block = i / static_cast<std::size_t>(state.nestedBlockSize);
        out[i] = table[elementOf<std::uint8_t>(absmax, i)] * scales[block] + state.nestedOffset;
        if (!std::isfinite(out[i])) {
            failTensor(absmax, "is not finite: element " + std::to_string(i));
        }
    }
    return out;
}

class Int8Rows final : public PackedMatrix {
public:
    Int8Rows(MatrixSize size, StoredTensor codes, std::vector<float> largest)
        : PackedMatrix(size, kLlmInt8Form, codes.bytes.size() + largest.size() * sizeof(float)),
          m_codes(std::move(codes)),
          m_largest(std::move(largest)) {}

private:
    void expand(std::int64_t first, std::int64_t count, float* out) const override {
        constexpr float kOneOver127 = 1.0F / 127.0F;  // the library multiplies, and last
        const auto columns = static_cast<std::size_t>(size().columns);
        for (auto row = static_cast<std::size_t>(first);
             row < static_cast<std::size_t>(first + count); ++row) {
            for (std::size_t c = 0; c < columns; ++c) {
                const auto code = elementOf<std::int8_t>(m_codes, row * columns + c);
                *out++ = static_cast<float>(code) * m_largest[row] * kOneOver127;
            }
        }
    }

    StoredTensor m_codes;
    std::vector<float> m_largest;  // magnitude of each row
};

}  // namespace

PackedMatrixPtr makeBitsandbytes4Matrix(const PackedSource& source) {
    source.checkSize();
    const State state = readState(stateTensor(source), source.size);
    const std::int64_t elements = source.size.rows * source.size.columns;
    const StoredTensor& weight = source.required("weight");
    // Any type may store the codes ("quant_storage"): the bytes are the same.
    if (weight.bytes.size() != static_cast<std::size_t>((elements + 1) / 2)) {
        failTensor(weight, "has " + std::to_string(weight.bytes.size()) + " bytes, " +
                               shapeText({source.size.rows, source.size.columns}) + " needs " +
                               std::to_string((elements + 1) / 2));
    }
    CodedValues values;
    values.codes = weight;
    values.width = CodeWidth::NibbleHighFirst;
    values.table = tableOf(source, "weight.quant_map", kTableSize);
    values.blockSize = state.blockSize;
    values.scales = readAbsmax(source, state, (elements + state.blockSize - 1) / state.blockSize);
    values.roundTo = state.roundTo;
    const std::string form = (state.type == "nf4" ? "NF4" : "FP4") + std::string(", blocks of ") +
                             std::to_string(state.blockSize) +
                             (state.nestedBlockSize == 0 ? "" : ", nested");
    const std::size_t stored = weight.bytes.size() + source.required("weight.absmax").bytes.size();
    return makeCodedMatrix(source.size, form, stored, std::move(values));
}

PackedMatrixPtr makeBitsandbytes8Matrix(const PackedSource& source) {
    source.checkSize();
    const auto [rows, columns] = source.size;
    if (const StoredTensor* format = source.find("weight_format")) {
        requireType(*format, ElementType::U8);
        if (format->bytes.size() != 1 || elementOf<std::uint8_t>(*format, 0) != 0) {
            source.refuse("LLM.int8 weights in another order than by rows are not supported");
        }
    }
    const StoredTensor& weight = source.required("weight", ElementType::I8, {rows, columns});
    const StoredTensor& largest = source.required("SCB", ElementType::F32, {rows});
    return std::make_shared<Int8Rows>(source.size, weight, finiteFloats(largest));
}

}  // namespace driftlens
