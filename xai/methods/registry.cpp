#include "core/base/error.h"
#include "core/base/text.h"
#include "core/model/model.h"
#include "xai/methods/methods.h"

#include <array>
#include <charconv>
#include <chrono>
#include <cmath>

namespace driftlens {
namespace {

const std::array<MethodEntry, 3> kMethods = {{
    {"attention", "Attention", "Vaswani et al. 2017",
     "Attention probability that the explained position gives to each token, averaged over heads.",
     "Descriptive: where the model looked, not what its answer depends on.", false, false, true,
     kAttentionParameters, &explainByAttention},
    {"integrated_gradients", "Integrated Gradients", "Sundararajan et al. 2017, arXiv 1703.01365",
     "Gradient of the target integrated from a baseline to the input, times the difference; summed "
     "over the embedding axis with its sign.",
     "Depends on the baseline; a zero baseline is ill-conditioned behind RMSNorm.", true, true,
     true, kIntegratedGradientsParameters, &explainByIntegratedGradients},
    {"occlusion", "Occlusion", "Zeiler and Fergus 2014, arXiv 1311.2901",
     "Change of the target when one token is replaced or deleted.",
     "One token at a time: interacting tokens share no credit.", false, false, true,
     kOcclusionParameters, &explainByOcclusion},
}};

}  // namespace

std::span<const MethodEntry> methods() {
    return kMethods;
}

const MethodEntry& methodNamed(std::string_view id) {
    std::string known;
    for (const MethodEntry& method : kMethods) {
        if (method.id == id) return method;
        known += (known.empty() ? "" : ", ") + std::string(method.id);
    }
    throw Error(ErrorKind::Usage, "unknown method " + inQuotes(id) + "; known: " + known);
}

static void checkFinite(const MethodEntry& method, const std::vector<double>& scores,
                        const std::string& what) {
    for (std::size_t i = 0; i < scores.size(); ++i) {
        if (std::isfinite(scores[i])) continue;
        throw Error(ErrorKind::Numeric, std::string(method.id) + ": the score of " + what +
                                            std::to_string(i) + " is not finite");
    }
}

Attribution runMethod(const MethodEntry& method, const std::map<std::string, std::string>& settings,
                      const MethodInput& input, const RunContext& context) {
    const auto begin = std::chrono::steady_clock::now();
    const ParameterSet filled("method " + std::string(method.id), method.parameters, settings);
    Attribution out = method.run(input, filled, context);
    out.method = std::string(method.id);
    out.settings = filled.all();
    out.target = input.target;
    out.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    checkFinite(method, out.scores, "token ");
    checkFinite(method, out.virtualScores, "virtual token ");
    return out;
}

Replacement replacementToken(const Tokenizer& tokenizer, std::string_view setting,
                             std::int64_t vocabularySize) {
    const SpecialTokenIds& roles = tokenizer.specialTokens();
    const auto said = [&](std::int64_t id, const std::string& role) {
        return Replacement{id,
                           role + " " + tokenizer.pieceOf(id).value_or("#" + std::to_string(id))};
    };
    if (setting.starts_with("token:")) {
        const std::string name(setting.substr(6));
        std::int64_t id = -1;
        const auto [end, status] = std::from_chars(name.data(), name.data() + name.size(), id);
        if (status != std::errc() || end != name.data() + name.size())
            id = tokenizer.idOf(name).value_or(-1);
        if (id < 0 || id >= vocabularySize) {
            throw Error(ErrorKind::Usage,
                        "replacement " + inQuotes(setting) + " is no token of the model");
        }
        return said(id, "token");
    }
    if (setting != "mask" && setting != "pad") {
        throw Error(ErrorKind::Usage, "unknown replacement " + inQuotes(setting) +
                                          "; known: mask, pad, token:ID (zero, mean, delete where "
                                          "the method has them)");
    }
    if (setting == "mask" && roles.mask) return said(*roles.mask, "mask");
    if (roles.padding) return said(*roles.padding, "pad");
    if (roles.unknown) return said(*roles.unknown, "unknown");
    if (roles.eos) return said(*roles.eos, "end of text");
    throw Error(ErrorKind::Usage, "the model has no mask, pad, unknown or end token: use token:ID");
}

GradientKind gradientKindOf(const Model& model) {
    for (const auto& [name, linear] : model.weights().linears)
        if (linear->info().roundsActivations) return GradientKind::StraightThrough;
    return GradientKind::Exact;
}

bool isKept(const Token& token, const ParameterSet& settings) {
    return token.isSpecial && settings.text("special") == "keep";
}

}  // namespace driftlens
