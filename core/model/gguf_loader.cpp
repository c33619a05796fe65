#include "core/base/error.h"
#include "core/families/gguf.h"
#include "core/linears/ggml_blocks.h"
#include "core/model/loader.h"

#include <ATen/ops/from_blob.h>

#include <algorithm>
#include <optional>
#include <set>

namespace driftlens {
namespace {

// Reads every parameter of a spec out of a GGUF file.
class GgufLoader {
public:
    GgufLoader(const GgufFile& file, ModelSpec spec) : m_file(file), m_spec(std::move(spec)) {}

    LoadedModel load() {
        std::map<std::string, BlockWeight> linearWeights;
        std::map<std::string, at::Tensor> linearBiases;
        for (const ParameterShape& parameter : parametersOf(m_spec)) {
            std::optional<BlockWeight> found = find(parameter);
            if (!found) continue;
            const std::string module = parameter.name.substr(0, parameter.name.rfind('.'));
            if (parameter.isLinearWeight) {
                linearWeights.emplace(module, std::move(*found));
            } else if (parameter.name == kTokenTable) {
                addTokenTable(std::move(*found));
            } else if (parameter.isLinearBias) {
                linearBiases[module] = vectorOf(*found);
            } else {
                m_weights.tensors[parameter.name] =
                    parameter.shape.size() == 1 ? vectorOf(*found) : dequantized(*found);
            }
        }
        refuseMissing(m_file.files().front()->path().string(), m_missing);
        for (auto& [module, weight] : linearWeights)
            m_weights.linears[module] = makeLinear(std::move(weight), linearBiases[module]);
        m_out.model = Model::make(std::move(m_spec), std::move(m_weights));
        listUnused();
        return std::move(m_out);
    }

private:
    // The tensor and rows of a parameter, checked against its shape.
    std::optional<BlockWeight> find(const ParameterShape& parameter) {
        const std::vector<GgufSource> sources = ggufSources(parameter.name, m_spec, m_file);
        for (const GgufSource& source : sources) {
            const GgufTensor* tensor = m_file.find(source.name);
            if (tensor == nullptr) continue;
            refuseUnsupported(*tensor);
            m_used.insert(source.name);
            BlockWeight out{*tensor, source.firstRow,
                            source.rows >= 0 ? source.rows : rowsOf(*tensor, parameter),
                            source.interleavedHeads};
            checkShape(parameter, out);
            m_out.parameters.push_back({parameter.name,
                                        source.name,
                                        std::string(tensor->format->name),
                                        parameter.shape,
                                        {}});
            return out;
        }
        m_missing.push_back("\"" + (sources.empty() ? parameter.name : sources.back().name) +
                            "\" (" + parameter.name + ")");
        return std::nullopt;
    }

    static void refuseUnsupported(const GgufTensor& tensor) {
        if (tensor.format->isSupported()) return;
        std::string known;
        for (const BlockFormat& format : blockFormats()) {
            if (format.isSupported())
                known += (known.empty() ? "" : ", ") + std::string(format.name);
        }
        throw Error(ErrorKind::Unsupported, tensor.file->path().string() + ": tensor \"" +
                                                tensor.name + "\" is in " +
                                                std::string(tensor.format->name) +
                                                ", which is not supported; supported: " + known);
    }

    // A vector is a column of rows here, whatever ggml thinks.
    static std::int64_t rowsOf(const GgufTensor& tensor, const ParameterShape& parameter) {
        return parameter.shape.size() == 1 ? 1 : tensor.rowCount();
    }

    void checkShape(const ParameterShape& parameter, const BlockWeight& found) const {
        const GgufTensor& tensor = found.tensor;
        const std::int64_t rows = parameter.shape.size() == 1 ? 1 : parameter.shape[0];
        const bool isPartOfVector = parameter.shape.size() == 1 && found.rows != 1;
        const bool fits =
            isPartOfVector ? tensor.shape.size() == 1 && found.rows == parameter.shape[0] &&
                                 found.firstRow + found.rows <= tensor.rowLength()
                           : tensor.rowLength() == parameter.shape.back() && found.rows == rows &&
                                 found.firstRow + found.rows <= tensor.rowCount();
        if (fits) return;
        const auto text = [](const std::vector<std::int64_t>& shape) {
            std::string out = "[";
            for (const std::int64_t size : shape)
                out += (out.size() > 1 ? ", " : "") + std::to_string(size);
            return out + "]";
        };
        throw Error(ErrorKind::InputFile, tensor.file->path().string() + ": tensor \"" +
                                              tensor.name + "\" is " + text(tensor.shape) +
                                              ", the metadata make " + parameter.name + " " +
                                              text(parameter.shape));
    }

    // Norms and biases, or the part of a fused bias; float32.
    static at::Tensor vectorOf(const BlockWeight& found) {
        const GgufTensor& tensor = found.tensor;
        at::Tensor all = dequantized({tensor, 0, 1, 0}).flatten();
        if (found.rows != 1) all = all.narrow(0, found.firstRow, found.rows).clone();
        if (found.interleavedHeads == 0) return all;
        return all.view({found.interleavedHeads, -1, 2}).transpose(1, 2).reshape({-1});
    }

    void addTokenTable(BlockWeight table) {
        if (const at::Tensor dense = viewOfFloats(table); dense.defined()) {
            m_weights.tensors[kTokenTable] = dense;
        } else {
            m_weights.linears[kTokenTable] = makeBlockLinear(std::move(table), {});
        }
    }

    static LinearPtr makeLinear(BlockWeight weight, at::Tensor bias) {
        if (const at::Tensor dense = viewOfFloats(weight); dense.defined())
            return makeDenseLinear(dense, std::move(bias));
        return makeBlockLinear(std::move(weight), std::move(bias));
    }

    // Floats that lie as they are needed, as a view of the mapped file; undefined for others.
    static at::Tensor viewOfFloats(const BlockWeight& weight) {
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
        if (row == std::end(kFloats) || weight.interleavedHeads > 0) return {};
        const std::byte* begin =
            tensor.bytes.data() + static_cast<std::size_t>(weight.firstRow) * tensor.bytesPerRow();
        if (reinterpret_cast<std::uintptr_t>(begin) % tensor.format->bytes != 0) return {};
        // LibTorch has no read-only tensors: nobody writes to a weight (Linear::dense says so).
        void* data = const_cast<std::byte*>(begin);
        return at::from_blob(
            data, {weight.rows, tensor.rowLength()}, [file = tensor.file](void*) {},
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
