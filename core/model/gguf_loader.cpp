#include "core/base/error.h"
#include "core/base/text.h"
#include "core/families/gguf.h"
#include "core/linears/packed_linear.h"
#include "core/model/loader.h"
#include "core/quantized/gguf_matrix.h"

#include <ATen/ops/from_blob.h>

#include <algorithm>
#include <optional>
#include <set>

namespace driftlens {
namespace {

// A parameter's rows of a tensor.
struct Found {
    GgufTensor tensor;
    RowSelection rows;
};

// Reads every parameter of a spec out of a GGUF file.
class GgufLoader {
public:
    GgufLoader(const GgufFile& file, ModelSpec spec) : m_file(file), m_spec(std::move(spec)) {}

    LoadedModel load() {
        std::map<std::string, Found> linearWeights;
        std::map<std::string, at::Tensor> linearBiases;
        for (const ParameterShape& parameter : parametersOf(m_spec)) {
            std::optional<Found> found = find(parameter);
            if (!found) continue;
            const std::string module = parameter.name.substr(0, parameter.name.rfind('.'));
            if (parameter.isLinearWeight) {
                linearWeights.emplace(module, std::move(*found));
            } else if (parameter.name == kTokenTable) {
                addTokenTable(*found);
            } else if (parameter.isLinearBias) {
                linearBiases[module] = vectorOf(*found);
            } else {
                m_weights.tensors[parameter.name] =
                    parameter.shape.size() == 1
                        ? vectorOf(*found)
                        : unpacked(*makeGgufMatrix(found->tensor), found->rows);
            }
        }
        refuseMissing(m_file.files().front()->path().string(), m_missing);
        for (auto& [module, weight] : linearWeights)
            m_weights.linears[module] = makeLinear(weight, linearBiases[module]);
        m_out.model = Model::make(std::move(m_spec), std::move(m_weights));
        listUnused();
        return std::move(m_out);
    }

private:
    // The tensor and rows of a parameter, checked against its shape.
    std::optional<Found> find(const ParameterShape& parameter) {
        const std::vector<GgufSource> sources = ggufSources(parameter.name, m_spec, m_file);
        for (const GgufSource& source : sources) {
            const GgufTensor* tensor = m_file.find(source.name);
            if (tensor == nullptr) continue;
            m_used.insert(source.name);
            RowSelection rows;
            rows.firstRow = source.firstRow;
            rows.rows = source.rows >= 0 ? source.rows : parameter.shape[0];
            rows.interleavedHeads = source.interleavedHeads;
            checkShape(parameter, *tensor, rows, source.rows < 0);
            m_out.parameters.push_back({parameter.name,
                                        source.name,
                                        std::string(tensor->format->name),
                                        parameter.shape,
                                        {}});
            return Found{*tensor, rows};
        }
        m_missing.push_back(inQuotes(sources.empty() ? parameter.name : sources.back().name) +
                            " (" + parameter.name + ")");
        return std::nullopt;
    }

    // A vector is one row to ggml, and as many here.
    void checkShape(const ParameterShape& parameter, const GgufTensor& tensor,
                    const RowSelection& rows, bool isWhole) const {
        const bool isVector = parameter.shape.size() == 1;
        const std::int64_t stored = isVector ? tensor.elementCount() : tensor.rowCount();
        const bool fits = rows.rows == parameter.shape[0] && rows.firstRow + rows.rows <= stored &&
                          (!isWhole || rows.rows == stored) &&
                          (isVector || tensor.rowLength() == parameter.shape[1]);
        if (fits) return;
        throw Error(ErrorKind::InputFile, tensor.file->path().string() + ": tensor " +
                                              inQuotes(tensor.name) + " is " +
                                              shapeText(tensor.shape) + ", the metadata make " +
                                              parameter.name + " " + shapeText(parameter.shape));
    }

    // Norms and biases, or the part of a fused bias; float32.
    static at::Tensor vectorOf(const Found& found) {
        const GgufTensor& tensor = found.tensor;
        const PackedMatrixPtr matrix = makeGgufMatrix(tensor);
        RowSelection all;
        all.rows = tensor.rowCount();
        const at::Tensor part =
            unpacked(*matrix, all).flatten().narrow(0, found.rows.firstRow, found.rows.rows);
        if (found.rows.interleavedHeads == 0) return part;
        return part.view({found.rows.interleavedHeads, -1, 2}).transpose(1, 2).reshape({-1});
    }

    void addTokenTable(const Found& table) {
        if (const at::Tensor dense = viewOfFloats(table); dense.defined()) {
            m_weights.tensors[kTokenTable] = dense;
        } else {
            m_weights.linears[kTokenTable] = makeLinear(table, {});
        }
    }

    static LinearPtr makeLinear(const Found& weight, at::Tensor bias) {
        if (const at::Tensor dense = viewOfFloats(weight); dense.defined())
            return makeDenseLinear(dense, std::move(bias));
        return makePackedLinear(makeGgufMatrix(weight.tensor), weight.rows, std::move(bias));
    }

    // Floats that lie as they are needed, as a view of the mapped file; undefined for others.
    static at::Tensor viewOfFloats(const Found& weight) {
        struct Row {
            std::string_view format;
            at::ScalarType type;
        };
        constexpr Row kFloats[] = {
            {"F32", at::kFloat}, {"F16", at::kHalf}, {"BF16", at::kBFloat16}};
        const GgufTensor& tensor = weight.tensor;
        const auto row = std::find_if(std::begin(kFloats), std::end(kFloats), [&](const Row& r) {
            return r.format == tensor.format->name;
        });
        if (row == std::end(kFloats) || weight.rows.interleavedHeads > 0) return {};
        const std::byte* begin =
            tensor.bytes.data() +
            static_cast<std::size_t>(weight.rows.firstRow) * tensor.bytesPerRow();
        if (reinterpret_cast<std::uintptr_t>(begin) % tensor.format->bytes != 0) return {};
        // LibTorch has no read-only tensors: nobody writes to a weight (Linear::dense says so).
        void* data = const_cast<std::byte*>(begin);
        return at::from_blob(
            data, {weight.rows.rows, tensor.rowLength()}, [file = tensor.file](void*) {},
            at::TensorOptions().dtype(row->type));
    }

    void listUnused() {
        for (const GgufTensor& tensor : m_file.tensors()) {
            if (!m_used.contains(tensor.name) && !isIgnoredGgufTensor(tensor.name))
                m_out.unused.push_back(tensor.name);
        }
        warnOfUnused(m_out);
    }

    const GgufFile& m_file;
    ModelSpec m_spec;
    ModelWeights m_weights;
    std::set<std::string> m_used;
    std::vector<std::string> m_missing;
    LoadedModel m_out;
};

}  // namespace

LoadedModel loadModel(const GgufFile& file) {
    ModelSpec spec = readGgufSpec(file);
    checkSpec(spec, file.files().front()->path().string());
    return GgufLoader(file, std::move(spec)).load();
}

}  // namespace driftlens
