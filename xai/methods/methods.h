// The methods' entry points and parameters, for registry.cpp.
#pragma once

#include "xai/methods/method.h"

namespace driftlens {

extern const std::span<const ParameterInfo> kAttentionParameters;
Attribution explainByAttention(const MethodInput&, const ParameterSet&, const RunContext&);

extern const std::span<const ParameterInfo> kIntegratedGradientsParameters;
Attribution explainByIntegratedGradients(const MethodInput&, const ParameterSet&,
                                         const RunContext&);

extern const std::span<const ParameterInfo> kOcclusionParameters;
Attribution explainByOcclusion(const MethodInput&, const ParameterSet&, const RunContext&);

}  // namespace driftlens
