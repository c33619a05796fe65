#include "core/model/parameter_index.h"

namespace driftlens {

at::Tensor StoredPart::rowsOf(const at::Tensor& whole) const {
    ParameterSource rows = source;
    rows.isTransposed = false;
    rows.stacked = 0;
    const at::Tensor part = partOf(whole, rows);
    return source.groups > 1 ? part.flatten(0, 1) : part;
}

ParameterIndex::ParameterIndex(const ModelSpec& spec) : m_family(&familyNamed(spec.family)) {
    std::vector<ParameterShape> parameters = parametersOf(spec);
    // The driftlens family has no name for a head that is not stored.
    if (spec.tiedHead && spec.tensorNames.empty()) {
        parameters.push_back(
            {"head.weight", {spec.outputSize(), spec.tokenTableColumns()}, true, false});
    }
    for (const ParameterShape& parameter : parameters)
        add(parameter, m_family->sourceOf(parameter.name, spec));
}

void ParameterIndex::add(const ParameterShape& parameter, const ParameterSource& source) {
    for (const std::string& name : source.names) {
        for (const std::string_view prefix : m_family->prefixes)
            m_parts[std::string(prefix) + name].push_back({parameter, source});
    }
    for (const ParameterSource& other : source.otherwise) add(parameter, other);
}

std::span<const StoredPart> ParameterIndex::find(std::string_view name) const {
    const auto found = m_parts.find(name);
    return found == m_parts.end() ? std::span<const StoredPart>() : found->second;
}

}  // namespace driftlens
