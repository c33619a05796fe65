#include "core/model/loader.h"

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/families/family.h"
#include "core/linears/float8.h"
#include "core/linears/packed_linear.h"
#include "core/model/block_sizes.h"
#include "core/model/stored_forms.h"

#include <ATen/ops/from_blob.h>

#include <algorithm>
#include <cstring>
#include <functional>
#include <set>
#include <utility>

namespace driftlens {
namespace {

struct TypePair {
    ElementType stored;
    at::ScalarType scalar;
};

constexpr TypePair kTypes[] = {{ElementType::Bool, at::kBool},
                               {ElementType::U8, at::kByte},
                               {ElementType::I8, at::kChar},
                               {ElementType::I16, at::kShort},
                               {ElementType::I32, at::kInt},
                               {ElementType::I64, at::kLong},
                               {ElementType::F16, at::kHalf},
                               {ElementType::BF16, at::kBFloat16},
                               {ElementType::F32, at::kFloat},
                               {ElementType::F64, at::kDouble},
                               {ElementType::F8E4M3, at::kFloat8_e4m3fn},
                               {ElementType::F8E5M2, at::kFloat8_e5m2}};

constexpr std::string_view kWeightEnding = ".weight";

// Reads every parameter of a spec out of a checkpoint.
class Loader {
public:
    Loader(const Checkpoint& checkpoint, const FamilyEntry& family, ModelSpec spec)
        : m_checkpoint(checkpoint), m_family(family), m_spec(std::move(spec)), m_forms(checkpoint) {
        m_out.warnings = m_forms.warnings();
    }

    LoadedModel load() {
        fitBlocks();
        untieHeadIfStored();
        for (const ParameterShape& parameter : parametersOf(m_spec)) read(parameter);
        refuseMissing(m_checkpoint.folder().string(), m_missing);
        for (auto& [module, weight] : m_linearWeights) {
            m_weights.linears[module] = weight(m_linearBiases[module]);
        }
        m_out.model = Model::make(std::move(m_spec), std::move(m_weights));
        listUnused();
        return std::move(m_out);
    }

private:
    void fitBlocks() {
        const auto shapeOf = [&](const std::string& parameter) -> std::vector<std::int64_t> {
            const Found found = find(m_family.sourceOf(parameter, m_spec));
            if (found.tensor == nullptr || found.source.rows >= 0) return {};
            std::vector<std::int64_t> shape = found.tensor->shape;
            if (found.source.isTransposed && shape.size() == 2) std::swap(shape[0], shape[1]);
            return shape;
        };
        std::string said = fitBlocksToTensors(m_spec, shapeOf);
        if (!said.empty()) m_out.warnings.push_back(std::move(said));
    }

    // A head that is declared tied but stored with other values than the table is no tied head.
    void untieHeadIfStored() {
        if (!m_spec.tiedHead || m_family.modelType == "driftlens") return;
        const StoredTensor* head = find(m_family.sourceOf("head.weight", m_spec)).tensor;
        const StoredTensor* table = find(m_family.sourceOf("embeddings.tokens", m_spec)).tensor;
        if (head == nullptr || table == nullptr) return;
        const bool isCopy =
            head->bytes.size() == table->bytes.size() &&
            std::memcmp(head->bytes.data(), table->bytes.data(), head->bytes.size()) == 0;
        if (isCopy) return;
        m_out.warnings.push_back("config.json ties the head to the embeddings, but " + head->name +
                                 " is stored with other values; the tie is followed, as "
                                 "transformers does");
    }

    struct Found {
        const StoredTensor* tensor = nullptr;
        ParameterSource source;  // the layout that it has
    };

    Found find(const ParameterSource& source) const {
        for (const std::string& name : source.names) {
            for (const std::string_view prefix : m_family.prefixes) {
                const StoredTensor* found = m_checkpoint.find(std::string(prefix) + name);
                if (found != nullptr) return {found, source};
            }
        }
        for (const ParameterSource& other : source.otherwise) {
            if (const Found found = find(other); found.tensor != nullptr) return found;
        }
        return {nullptr, source};
    }

    // A view, but for rows that lie in groups.
    static at::Tensor cut(const at::Tensor& tensor, const ParameterSource& source) {
        const at::Tensor part = partOf(tensor, source);
        return source.groups > 1 ? part.flatten(0, 1) : part;
    }

    void read(const ParameterShape& parameter) {
        const ParameterSource wanted = m_family.sourceOf(parameter.name, m_spec);
        if (parameter.isLinearWeight && readPacked(parameter, wanted)) return;
        const auto [stored, source] = find(wanted);
        if (stored == nullptr) {
            m_missing.push_back(inQuotes(source.names.front()) + " (" + parameter.name + ")");
            return;
        }
        at::Tensor tensor = viewOf(*stored);
        if (!tensor.is_floating_point()) {
            throw Error(ErrorKind::Unsupported, m_checkpoint.folder().string() + ": tensor " +
                                                    inQuotes(stored->name) + " is stored as " +
                                                    std::string(elementTypeName(stored->type)) +
                                                    "; this form of weights is not supported");
        }
        checkShape(parameter, source, *stored);
        m_used.insert(stored->name);
        m_out.parameters.push_back({parameter.name, stored->name,
                                    std::string(elementTypeName(stored->type)), parameter.shape,
                                    source, stored->shape});
        const StoredTensor* scale = isFloat8(tensor) ? scaleOf(*stored) : nullptr;
        tensor = cut(tensor, source);
        const std::string module = parameter.name.substr(0, parameter.name.rfind('.'));
        if (parameter.isLinearWeight && scale != nullptr) {
            keepScaled(module, std::move(tensor), *stored, *scale, source);
            return;
        }
        // BF16 holds every 8-bit float exactly, and more operations know it.
        if (isFloat8(tensor)) tensor = tensor.to(at::kBFloat16);
        if (parameter.isLinearWeight) {
            m_linearWeights[module] = [tensor](at::Tensor bias) {
                return makeDenseLinear(tensor, std::move(bias));
            };
        } else if (parameter.isLinearBias) {
            m_linearBiases[module] = std::move(tensor);
        } else {
            m_weights.tensors[parameter.name] = std::move(tensor);
        }
    }

    // True if the module's matrix is packed: "x.weight" is then "x.qweight" and others beside it.
    bool readPacked(const ParameterShape& parameter, const ParameterSource& source) {
        const bool isPart = source.rows >= 0;
        const std::int64_t wholeRows =
            isPart ? source.fusedRows * source.groups : parameter.shape[0];
        if (isPart && source.rows * source.groups != parameter.shape[0]) return false;
        for (const std::string& name : source.names) {
            if (!name.ends_with(kWeightEnding)) continue;
            for (const std::string_view prefix : m_family.prefixes) {
                const std::string module =
                    std::string(prefix) + name.substr(0, name.size() - kWeightEnding.size());
                const PackedMatrixPtr matrix =
                    m_forms.matrixOf(module, {wholeRows, parameter.shape[1]});
                if (matrix == nullptr) continue;
                keepPacked(parameter, source, module, matrix);
                return true;
            }
        }
        return false;
    }

    void keepPacked(const ParameterShape& parameter, const ParameterSource& source,
                    const std::string& stored, PackedMatrixPtr matrix) {
        RowSelection rows;
        rows.firstRow = source.firstRow;
        rows.rows = source.rows >= 0 ? source.rows : parameter.shape[0];
        rows.groups = source.groups;
        rows.groupRows = source.fusedRows;
        useAllOf(stored + ".");
        const MatrixSize& size = matrix->size();
        std::vector<std::int64_t> shape = {size.rows, size.columns};
        if (source.isTransposed) std::swap(shape[0], shape[1]);
        m_out.parameters.push_back({parameter.name, stored + std::string(kWeightEnding),
                                    matrix->form(), parameter.shape, source, shape});
        const std::string module = parameter.name.substr(0, parameter.name.rfind('.'));
        m_linearWeights[module] = [matrix = std::move(matrix), rows](at::Tensor bias) {
            return makePackedLinear(matrix, rows, std::move(bias));
        };
    }

    void useAllOf(const std::string& prefix) {
        const auto& tensors = m_checkpoint.tensors();
        for (auto it = tensors.lower_bound(prefix);
             it != tensors.end() && it->first.starts_with(prefix); ++it) {
            m_used.insert(it->first);
        }
    }

    static bool isFloat8(const at::Tensor& tensor) {
        return tensor.scalar_type() == at::kFloat8_e4m3fn ||
               tensor.scalar_type() == at::kFloat8_e5m2;
    }

    // What an 8-bit weight is multiplied with, tile by tile; "inv" as it divided before.
    const StoredTensor* scaleOf(const StoredTensor& weight) {
        const StoredTensor* scale = m_checkpoint.find(weight.name + "_scale_inv");
        if (scale != nullptr) m_used.insert(scale->name);
        return scale;
    }

    void keepScaled(const std::string& module, at::Tensor weight, const StoredTensor& stored,
                    const StoredTensor& storedScale, const ParameterSource& source) {
        Float8Weight out;
        const std::int64_t rows = stored.shape.at(0), columns = stored.shape.at(1);
        at::Tensor scale = viewOf(storedScale).to(at::kFloat);
        if (scale.numel() == 1) {
            scale = scale.reshape({1, 1});
            out.grain = "tensor";
        }
        if (scale.dim() == 1) scale = scale.unsqueeze(1);
        const bool fits = scale.dim() == 2 && scale.size(0) > 0 && scale.size(1) > 0 &&
                          scale.size(0) <= rows && scale.size(1) <= columns;
        if (!fits || source.stacked > 0 || source.isTransposed ||
            !scale.isfinite().all().item<bool>()) {
            throw Error(ErrorKind::InputFile,
                        m_checkpoint.folder().string() + ": tensor " + inQuotes(storedScale.name) +
                            " holds no finite scales for " + inQuotes(stored.name) + " " +
                            shapeText(stored.shape) + ": it is " + shapeText(storedScale.shape));
        }
        const std::int64_t tileRows = tileOf(rows, scale.size(0), 0);
        out.columnsPerScale = tileOf(columns, scale.size(1), 1);
        if (out.grain.empty()) {
            out.grain = tileRows == 1 ? "row"
                                      : "tile " + std::to_string(tileRows) + "x" +
                                            std::to_string(out.columnsPerScale);
        }
        scale = scale.size(0) == 1 ? scale.expand({rows, -1})
                                   : scale.repeat_interleave(tileRows, 0).narrow(0, 0, rows);
        out.scale = cut(scale, source);
        out.weight = std::move(weight);
        m_linearWeights[module] = [out](at::Tensor bias) {
            return makeFloat8Linear(out, std::move(bias));
        };
    }

    // Sizes of a tile: as declared, or from the number of scales where that says it.
    std::int64_t tileOf(std::int64_t size, std::int64_t scales, std::size_t axis) const {
        if (scales == 1) return size;
        if (scales == size) return 1;
        std::int64_t tile = 128;
        const Json& config = m_checkpoint.config();
        if (const auto found = config.find("quantization_config"); found != config.end()) {
            const Json& sizes = (*found)["weight_block_size"];
            if (sizes.is_array() && sizes.size() == 2 && sizes[axis].is_number_integer())
                tile = sizes[axis].get<std::int64_t>();
        }
        if (tile > 0 && (size + tile - 1) / tile == scales) return tile;
        throw Error(ErrorKind::InputFile,
                    m_checkpoint.folder().string() + ": " + std::to_string(scales) +
                        " scales do not cover an axis of " + std::to_string(size) +
                        " weights in tiles of " + std::to_string(tile));
    }

    void checkShape(const ParameterShape& parameter, const ParameterSource& source,
                    const StoredTensor& stored) const {
        std::vector<std::int64_t> shape = stored.shape;
        if (source.isTransposed && shape.size() == 2) std::swap(shape[0], shape[1]);
        std::vector<std::int64_t> expected = parameter.shape;
        bool fits = true;
        if (source.rows >= 0) {
            // A fused matrix holds several parts; config.json must account for all of its rows.
            fits = expected[0] == source.rows * source.groups;
            expected[0] = source.fusedRows * source.groups;
        }
        if (source.stacked > 0) {
            expected[0] /= source.stacked;
            expected.insert(expected.begin(), source.stacked);
        }
        if (fits && shape == expected) return;
        throw Error(ErrorKind::InputFile, m_checkpoint.folder().string() + ": tensor " +
                                              inQuotes(stored.name) + " is " +
                                              shapeText(stored.shape) + ", config.json makes " +
                                              parameter.name + " " + shapeText(parameter.shape));
    }

    void listUnused() {
        for (const auto& [name, tensor] : m_checkpoint.tensors()) {
            if (m_used.contains(name)) continue;
            if (!isIgnoredName(m_family, name)) m_out.unused.push_back(name);
        }
        warnOfUnused(m_out);
    }

    const Checkpoint& m_checkpoint;
    const FamilyEntry& m_family;
    ModelSpec m_spec;
    StoredForms m_forms;
    ModelWeights m_weights;
    // By module; a Linear is made once its bias is known.
    std::map<std::string, std::function<LinearPtr(at::Tensor bias)>> m_linearWeights;
    std::map<std::string, at::Tensor> m_linearBiases;
    std::vector<std::string> m_missing;
    std::set<std::string> m_used;
    LoadedModel m_out;
};

// generation_config.json, where there is one, knows better than config.json what ends a text.
void readGenerationConfig(const std::filesystem::path& folder, ModelSpec& spec) {
    const std::filesystem::path file = folder / "generation_config.json";
    std::error_code status;
    if (!std::filesystem::exists(file, status)) return;
    const Json json = readJsonFile(file);
    const JsonObject config(json, file.string());
    if (config.has("eos_token_id"))
        spec.endTokens = readTokenIds(config, "eos_token_id", spec.vocabularySize);
}

}  // namespace

at::ScalarType scalarTypeOf(ElementType type) {
    for (const TypePair& pair : kTypes) {
        if (pair.stored == type) return pair.scalar;
    }
    throw Error(ErrorKind::Unsupported,
                "element type " + std::string(elementTypeName(type)) + " is not supported");
}

ElementType elementTypeOf(at::ScalarType type) {
    for (const TypePair& pair : kTypes) {
        if (pair.scalar == type) return pair.stored;
    }
    throw Error(ErrorKind::Internal, "no stored element type for this tensor");
}

TensorToWrite tensorToWrite(const std::string& name, const at::Tensor& tensor) {
    const auto* bytes = static_cast<const std::byte*>(tensor.const_data_ptr());
    return {name,
            elementTypeOf(tensor.scalar_type()),
            tensor.sizes().vec(),
            {bytes, static_cast<std::size_t>(tensor.numel() * tensor.element_size())}};
}

at::Tensor viewOf(const StoredTensor& stored) {
    const at::ScalarType type = scalarTypeOf(stored.type);
    const std::size_t alignment = elementBytes(stored.type);
    const auto address = reinterpret_cast<std::uintptr_t>(stored.bytes.data());
    if (stored.bytes.empty() || address % alignment != 0) {
        at::Tensor copy = at::empty(stored.shape, type);
        if (!stored.bytes.empty()) {
            std::memcpy(copy.mutable_data_ptr(), stored.bytes.data(), stored.bytes.size());
        }
        return copy;
    }
    // LibTorch has no read-only tensors: nobody writes to a weight (Linear::dense says so).
    void* data = const_cast<std::byte*>(stored.bytes.data());
    const auto keepAlive = [file = stored.file](void*) {};
    return at::from_blob(data, stored.shape, keepAlive, at::TensorOptions().dtype(type));
}

void refuseMissing(const std::string& where, const std::vector<std::string>& missing) {
    if (missing.empty()) return;
    constexpr std::size_t kShown = 8;
    const std::size_t count = missing.size();
    std::string names;
    for (std::size_t i = 0; i < std::min(kShown, count); ++i)
        names += (i > 0 ? ", " : "") + missing[i];
    if (count > kShown) names += " and " + std::to_string(count - kShown) + " more";
    throw Error(ErrorKind::InputFile, where + ": tensor" + (count > 1 ? "s " : " ") + names +
                                          (count > 1 ? " are" : " is") + " missing");
}

void warnOfUnused(LoadedModel& model) {
    if (model.unused.empty()) return;
    model.warnings.push_back(std::to_string(model.unused.size()) +
                             " tensors of the checkpoint are not used, the first is " +
                             inQuotes(model.unused.front()));
}

LoadedModel loadModel(const Checkpoint& checkpoint) {
    const std::string what = (checkpoint.folder() / "config.json").string();
    const JsonObject config(checkpoint.config(), what);
    const FamilyEntry& family = familyOf(config);
    ModelSpec spec = family.readConfig(config);
    readGenerationConfig(checkpoint.folder(), spec);
    checkSpec(spec, what);
    return Loader(checkpoint, family, std::move(spec)).load();
}

}  // namespace driftlens
