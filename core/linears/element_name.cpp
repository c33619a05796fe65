#include "core/linears/element_name.h"

#include <array>
#include <utility>

namespace driftlens {
namespace {

constexpr std::array<std::pair<at::ScalarType, std::string_view>, 4> kTypes = {
    {{at::kHalf, "F16"}, {at::kBFloat16, "BF16"}, {at::kFloat, "F32"}, {at::kDouble, "F64"}}};

}  // namespace

std::optional<std::string_view> floatingTypeName(at::ScalarType type) {
    for (const auto& [own, name] : kTypes)
        if (own == type) return name;
    return std::nullopt;
}

std::optional<at::ScalarType> floatingTypeNamed(std::string_view name) {
    for (const auto& [type, own] : kTypes)
        if (own == name) return type;
    return std::nullopt;
}

}  // namespace driftlens
