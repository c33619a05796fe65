#include "core/model/loader.h"

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/families/family.h"

#include <ATen/ops/from_blob.h>

#include <cstring>
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

// '*' matches any text; at most one or two of them in a pattern.
bool matches(std::string_view pattern, std::string_view name) {
    const std::size_t star = pattern.find('*');
    if (star == std::string_view::npos) return pattern == name;
    if (!name.starts_with(pattern.substr(0, star))) return false;
    const std::string_view rest = pattern.substr(star + 1);
    return name.size() + 1 >= pattern.size() && name.ends_with(rest);
}

// Reads every parameter of a spec out of a checkpoint.
class Loader {
public:
    Loader(const Checkpoint& checkpoint, const FamilyEntry& family, ModelSpec spec)
        : m_checkpoint(checkpoint), m_family(family), m_spec(std::move(spec)) {}

    LoadedModel load() {
        untieHeadIfStored();
        for (const ParameterShape& parameter : parametersOf(m_spec)) read(parameter);
        for (auto& [module, weight] : m_linearWeights) {
            m_weights.linears[module] = makeDenseLinear(weight, m_linearBiases[module]);
        }
        m_out.model = Model::make(std::move(m_spec), std::move(m_weights));
        listUnused();
        return std::move(m_out);
    }

private:
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

    // The parameter's part of the stored tensor: a view, but for rows that lie in groups.
    static at::Tensor cut(at::Tensor tensor, const ParameterSource& source) {
        if (source.stacked > 0) tensor = tensor.flatten(0, 1);
        if (source.isTransposed) tensor = tensor.t();
        if (source.rows < 0) return tensor;
        if (source.groups == 1) return tensor.narrow(0, source.firstRow, source.rows);
        return tensor.unflatten(0, {source.groups, source.fusedRows})
            .narrow(1, source.firstRow, source.rows)
            .flatten(0, 1);
    }

    void read(const ParameterShape& parameter) {
        const auto [stored, source] = find(m_family.sourceOf(parameter.name, m_spec));
        if (stored == nullptr) {
            throw Error(ErrorKind::InputFile, m_checkpoint.folder().string() + ": tensor " +
                                                  inQuotes(source.names.front()) + " (" +
                                                  parameter.name + ") is missing");
        }
        at::Tensor tensor = viewOf(*stored);
        if (!tensor.is_floating_point()) {
            throw Error(ErrorKind::Unsupported, m_checkpoint.folder().string() + ": tensor " +
                                                    inQuotes(stored->name) + " is stored as " +
                                                    std::string(elementTypeName(stored->type)) +
                                                    "; this form of weights is not supported");
        }
        checkShape(parameter, source, *stored);
        tensor = cut(std::move(tensor), source);
        m_used.insert(stored->name);
        m_out.parameters.push_back({parameter.name, stored->name,
                                    std::string(elementTypeName(stored->type)), parameter.shape,
                                    source.isTransposed});
        keep(parameter, std::move(tensor));
    }

    void keep(const ParameterShape& parameter, at::Tensor tensor) {
        const std::string module = parameter.name.substr(0, parameter.name.rfind('.'));
        if (parameter.isLinearWeight) {
            m_linearWeights[module] = std::move(tensor);
        } else if (parameter.isLinearBias) {
            m_linearBiases[module] = std::move(tensor);
        } else {
            m_weights.tensors[parameter.name] = std::move(tensor);
        }
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
                                              inQuotes(stored.name) + " is " + text(stored.shape) +
                                              ", config.json makes " + parameter.name + " " +
                                              text(parameter.shape));
    }

    static std::string text(const std::vector<std::int64_t>& shape) {
        std::string out = "[";
        for (const std::int64_t size : shape)
            out += (out.size() > 1 ? ", " : "") + std::to_string(size);
        return out + "]";
    }

    void listUnused() {
        for (const auto& [name, tensor] : m_checkpoint.tensors()) {
            if (m_used.contains(name)) continue;
            bool isIgnored = false;
            for (const std::string_view pattern : m_family.ignored) {
                isIgnored = isIgnored || matches(pattern, name);
            }
            if (!isIgnored) m_out.unused.push_back(name);
        }
        if (!m_out.unused.empty()) {
            m_out.warnings.push_back(std::to_string(m_out.unused.size()) +
                                     " tensors of the checkpoint are not used, the first is " +
                                     inQuotes(m_out.unused.front()));
        }
    }

    const Checkpoint& m_checkpoint;
    const FamilyEntry& m_family;
    ModelSpec m_spec;
    ModelWeights m_weights;
    std::map<std::string, at::Tensor> m_linearWeights, m_linearBiases;
    std::set<std::string> m_used;
    LoadedModel m_out;
};

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

LoadedModel loadModel(const Checkpoint& checkpoint) {
    const std::string what = (checkpoint.folder() / "config.json").string();
    const JsonObject config(checkpoint.config(), what);
    const FamilyEntry& family = familyOf(config);
    if (config.has("quantization_config")) {
        const std::string method = config.object("quantization_config").string("quant_method", "");
        throw Error(ErrorKind::Unsupported,
                    what + ": quantization_config with quant_method " + inQuotes(method) +
                        " is not supported; weights in F32, F16 or BF16 are");
    }
    ModelSpec spec = family.readConfig(config);
    checkSpec(spec, what);
    return Loader(checkpoint, family, std::move(spec)).load();
}

}  // namespace driftlens
