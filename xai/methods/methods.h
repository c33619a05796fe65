// The methods' entry points and parameters, for registry.cpp.
#pragma once

#include "xai/methods/method.h"

namespace driftlens {

extern const std::span<const ParameterInfo> kAttentionParameters;
Attribution explainByAttention(const MethodInput&, const ParameterSet&, const RunContext&);

extern const std::span<const ParameterInfo> kAttentionRolloutParameters;
Attribution explainByAttentionRollout(const MethodInput&, const ParameterSet&, const RunContext&);

extern const std::span<const ParameterInfo> kAttentionFlowParameters;
Attribution explainByAttentionFlow(const MethodInput&, const ParameterSet&, const RunContext&);

extern const std::span<const ParameterInfo> kAttentionGradientParameters;
Attribution explainByAttentionGradient(const MethodInput&, const ParameterSet&, const RunContext&);

extern const std::span<const ParameterInfo> kSaliencyParameters;
Attribution explainBySaliency(const MethodInput&, const ParameterSet&, const RunContext&);

extern const std::span<const ParameterInfo> kInputTimesGradientParameters;
Attribution explainByInputTimesGradient(const MethodInput&, const ParameterSet&, const RunContext&);

extern const std::span<const ParameterInfo> kIntegratedGradientsParameters;
Attribution explainByIntegratedGradients(const MethodInput&, const ParameterSet&,
                                         const RunContext&);

extern const std::span<const ParameterInfo> kLayerIntegratedGradientsParameters;
Attribution explainByLayerIntegratedGradients(const MethodInput&, const ParameterSet&,
                                              const RunContext&);

extern const std::span<const ParameterInfo> kSequentialIgParameters;
Attribution explainBySequentialIg(const MethodInput&, const ParameterSet&, const RunContext&);

extern const std::span<const ParameterInfo> kSmoothGradParameters;
Attribution explainBySmoothGrad(const MethodInput&, const ParameterSet&, const RunContext&);

extern const std::span<const ParameterInfo> kVarGradParameters;
Attribution explainByVarGrad(const MethodInput&, const ParameterSet&, const RunContext&);

extern const std::span<const ParameterInfo> kGradientShapParameters;
Attribution explainByGradientShap(const MethodInput&, const ParameterSet&, const RunContext&);

extern const std::span<const ParameterInfo> kLayerConductanceParameters;
Attribution explainByLayerConductance(const MethodInput&, const ParameterSet&, const RunContext&);

extern const std::span<const ParameterInfo> kGradCamParameters;
Attribution explainByGradCam(const MethodInput&, const ParameterSet&, const RunContext&);

extern const std::span<const ParameterInfo> kOcclusionParameters;
Attribution explainByOcclusion(const MethodInput&, const ParameterSet&, const RunContext&);

extern const std::span<const ParameterInfo> kLimeParameters;
Attribution explainByLime(const MethodInput&, const ParameterSet&, const RunContext&);

extern const std::span<const ParameterInfo> kContextCiteParameters;
Attribution explainByContextCite(const MethodInput&, const ParameterSet&, const RunContext&);

extern const std::span<const ParameterInfo> kShapleyExactParameters;
Attribution explainByShapleyExact(const MethodInput&, const ParameterSet&, const RunContext&);

extern const std::span<const ParameterInfo> kKernelShapParameters;
Attribution explainByKernelShap(const MethodInput&, const ParameterSet&, const RunContext&);

extern const std::span<const ParameterInfo> kLeverageShapParameters;
Attribution explainByLeverageShap(const MethodInput&, const ParameterSet&, const RunContext&);

extern const std::span<const ParameterInfo> kShapleyPermutationParameters;
Attribution explainByShapleyPermutation(const MethodInput&, const ParameterSet&, const RunContext&);

extern const std::span<const ParameterInfo> kOwenParameters;
Attribution explainByOwen(const MethodInput&, const ParameterSet&, const RunContext&);

extern const std::span<const ParameterInfo> kCounterfactualParameters;
Attribution explainByCounterfactual(const MethodInput&, const ParameterSet&, const RunContext&);
std::string whyNoCounterfactual(const Model&);

extern const std::span<const ParameterInfo> kLogitLensParameters;
Attribution explainByLogitLens(const MethodInput&, const ParameterSet&, const RunContext&);

extern const std::span<const ParameterInfo> kDirectLogitAttributionParameters;
Attribution explainByDirectLogitAttribution(const MethodInput&, const ParameterSet&,
                                            const RunContext&);

std::string whyNoDirectLogitAttribution(const Model&);

extern const std::span<const ParameterInfo> kPatchingParameters;
Attribution explainByActivationPatching(const MethodInput&, const ParameterSet&, const RunContext&);
Attribution explainByAttributionPatching(const MethodInput&, const ParameterSet&,
                                         const RunContext&);

extern const std::span<const ParameterInfo> kTcavParameters;
extern const std::span<const TextFileInfo> kTcavFiles;
Attribution explainByTcav(const MethodInput&, const ParameterSet&, const RunContext&);
std::string whyNoTcav(const Model&);

}  // namespace driftlens
