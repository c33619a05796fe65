// Which parameters of a model a tensor name of its family's checkpoints stands for.
#pragma once

#include "core/families/family.h"
#include "core/model/model.h"

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace driftlens {

// A parameter and where it lies in the stored tensor.
struct StoredPart {
    ParameterShape parameter;
    ParameterSource source;

    // Rows of the whole tensor, outputs first.
    std::int64_t wholeRows() const {
        return source.rows < 0 ? parameter.shape[0] : source.fusedRows * source.groups;
    }
    // The parameter's rows of a tensor [wholeRows, …] whose outputs come first.
    at::Tensor rowsOf(const at::Tensor& whole) const;
};

// Knows every name that the family's table gives, with every prefix; a tied head counts as a
// parameter of its own ("head.weight"). Borrows nothing.
class ParameterIndex {
public:
    explicit ParameterIndex(const ModelSpec& spec);

    // Several where modules are fused; empty for a name that is none.
    std::span<const StoredPart> find(std::string_view name) const;
    bool isIgnored(std::string_view name) const { return isIgnoredName(*m_family, name); }

private:
    void add(const ParameterShape& parameter, const ParameterSource& source);

    const FamilyEntry* m_family;
    std::map<std::string, std::vector<StoredPart>, std::less<>> m_parts;
};

}  // namespace driftlens
