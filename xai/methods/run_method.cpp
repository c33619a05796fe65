// Running a row of the method table, and what all methods share.
#include "core/base/error.h"
#include "core/base/text.h"
#include "core/model/model.h"
#include "xai/methods/method.h"
#include "xai/targets/scorer.h"

#include <chrono>
#include <cmath>

namespace driftlens {

static void checkFinite(const MethodEntry& method, double value, const std::string& what) {
    if (std::isfinite(value)) return;
    throw Error(ErrorKind::Numeric, std::string(method.id) + ": " + what +
                                        " is not finite; the weights or the compute type are to "
                                        "blame: try --compute float32 or float64, and inspect");
}

// Nothing that is not a number leaves a method.
static void checkFinite(const MethodEntry& method, const Attribution& out) {
    checkFinite(method, out.targetValue, "the target's value");
    checkFinite(method, out.baselineValue.value_or(0.0), "the target's value at the baseline");
    checkFinite(method, out.completenessGap.value_or(0.0), "the completeness gap");
    const std::string unit = out.parts.empty() ? "token " : "part ";
    for (const auto& [list, name] :
         {std::pair(&out.scores, "the score of " + unit),
          std::pair(&out.norms, std::string("the norm of token ")),
          std::pair(&out.virtualScores, std::string("the score of virtual token "))}) {
        for (std::size_t i = 0; i < list->size(); ++i)
            checkFinite(method, (*list)[i], name + std::to_string(i));
    }
    for (const AnswerTokenScores& token : out.answerTokens) {
        const std::string what = " of answer token " + inQuotes(token.text);
        checkFinite(method, token.value, "the value" + what);
        checkFinite(method, token.completenessGap.value_or(0.0), "the completeness gap" + what);
        for (const double score : token.scores) checkFinite(method, score, "a score" + what);
    }
    for (const Part& part : out.parts)
        for (const auto& [name, value] : part.figures)
            checkFinite(method, value, name + " of " + part.name);
}

Attribution runMethod(const MethodEntry& method, const std::map<std::string, std::string>& settings,
                      const MethodInput& input, const RunContext& context) {
    const auto begin = std::chrono::steady_clock::now();
    const ParameterSet filled("method " + std::string(method.id), method.parameters, settings);
    const std::string whyNot = method.whyNot == nullptr ? "" : method.whyNot(input.model);
    if (!whyNot.empty()) {
        throw Error(ErrorKind::Unsupported,
                    std::string(method.id) + " cannot explain this model: " + whyNot);
    }
    Target target = input.target;
    const bool isOtherQuantity = method.explainsLogit && target.quantity != Quantity::Logit;
    if (method.explainsLogit) target.quantity = Quantity::Logit;
    const MethodInput own{input.model, input.tokenizer, input.input,    target,     input.compute,
                          input.batch, input.seed,      input.concepts, input.shift};
    Attribution out = method.run(own, filled, context);
    out.method = std::string(method.id);
    out.settings = filled.all();
    out.target = target;
    if (isOtherQuantity)
        out.warnings.push_back("explains the logit, not the quantity that was asked");
    out.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    checkFinite(method, out);
    return out;
}

std::map<std::string, std::string> withoutAnswerTokens(
    std::map<std::string, std::string> settings) {
    settings.erase("answer_tokens");
    return settings;
}

Scorer scorerOf(const MethodInput& input, const RunContext& context) {
    Scorer out(input.model, input.target, input.compute, context);
    if (input.shift != nullptr) out.shiftEmbeddings(*input.shift);
    return out;
}

GradientKind gradientKindOf(const Model& model) {
    for (const auto& [name, linear] : model.weights().linears)
        if (linear->info().roundsActivations) return GradientKind::StraightThrough;
    return GradientKind::Exact;
}

}  // namespace driftlens
