#include "xai/targets/target.h"

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/model/generate.h"
#include "core/model/model.h"
#include "xai/targets/scorer.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>

namespace driftlens {
namespace {

struct QuantityRow {
    Quantity quantity;
    std::string_view name;  // stored: append only
};

constexpr std::array<QuantityRow, 3> kQuantities = {
    {{Quantity::Logit, "logit"},
     {Quantity::Probability, "probability"},
     {Quantity::LogProbability, "log_probability"}}};

std::string unquoted(std::string_view text) {
    if (text.size() >= 2 && text.front() == '"' && text.back() == '"') {
        return std::string(text.substr(1, text.size() - 2));
    }
    return std::string(text);
}

// Turns names of classes and tokens into ids.
class TargetResolver {
public:
    TargetResolver(const Model& model, const Tokenizer& tokenizer)
        : m_model(model), m_tokenizer(tokenizer) {}

    std::int64_t answer(std::string_view name) const {
        std::int64_t id = 0;
        const auto [end, status] = std::from_chars(name.data(), name.data() + name.size(), id);
        if (status == std::errc() && end == name.data() + name.size()) {
            if (id >= 0 && id < m_model.spec().outputSize()) return id;
            throw Error(ErrorKind::Usage, "target: " + std::string(noun()) + " " +
                                              std::string(name) +
                                              " is out of range; the model has 0 to " +
                                              std::to_string(m_model.spec().outputSize() - 1));
        }
        return isClassifier() ? classNamed(unquoted(name)) : tokenNamed(unquoted(name));
    }

    std::vector<std::int64_t> idsOf(std::string_view list) const {
        std::vector<std::int64_t> out;
        for (const std::string& id : splitText(list, ',')) out.push_back(answer(id));
        return out;
    }

    std::string textOf(std::int64_t id) const { return answerText(m_model, m_tokenizer, id); }

    bool isClassifier() const { return m_model.spec().task == Task::Classification; }
    bool continuesTexts() const { return m_model.spec().task == Task::CausalLm; }
    const char* noun() const { return isClassifier() ? "class" : "token"; }

private:
    std::int64_t classNamed(const std::string& name) const {
        const auto& labels = m_model.spec().classLabels;
        std::string known;
        for (std::size_t i = 0; i < labels.size(); ++i) {
            if (labels[i] == name) return static_cast<std::int64_t>(i);
            known += (known.empty() ? "" : ", ") + labels[i];
        }
        throw Error(ErrorKind::Usage,
                    "target: the model has no class " + inQuotes(name) + "; it has " + known);
    }

    std::int64_t tokenNamed(const std::string& name) const {
        if (const auto id = m_tokenizer.idOf(name)) return *id;
        const TokenizedInput encoded = m_tokenizer.encode(name, false);
        if (encoded.tokens.size() == 1) return encoded.tokens.front().id;
        throw Error(ErrorKind::Usage, "target: " + inQuotes(name) + " is " +
                                          std::to_string(encoded.tokens.size()) +
                                          " tokens, one is needed; use text:… for a continuation");
    }

    const Model& m_model;
    const Tokenizer& m_tokenizer;
};

// The only mask token of a masked LM's prompt.
std::int64_t maskPosition(const Tokenizer& tokenizer, const std::vector<std::int64_t>& ids) {
    const std::optional<std::int64_t> mask = tokenizer.specialTokens().mask;
    const auto count = mask ? std::count(ids.begin(), ids.end(), *mask) : 0;
    if (count != 1) {
        const std::string piece =
            mask ? tokenizer.pieceOf(*mask).value_or("mask token") : std::string("mask token");
        throw Error(ErrorKind::Usage, "the prompt has " + std::to_string(count) + " " + piece +
                                          "; a masked language model needs one, or --position");
    }
    return std::find(ids.begin(), ids.end(), *mask) - ids.begin();
}

// Counted from the end.
std::int64_t resolvePosition(const TargetRequest& request, const Model& model,
                             const Tokenizer& tokenizer, const TokenizedInput& input) {
    if (model.spec().task == Task::Classification) return -1;
    const auto tokens = static_cast<std::int64_t>(input.tokens.size());
    const bool isMasked = model.spec().task == Task::MaskedLm;
    if (!request.position && !isMasked) return -1;
    const std::int64_t position =
        request.position ? *request.position : maskPosition(tokenizer, input.ids());
    const std::int64_t fromEnd = position < 0 ? position : position - tokens;
    if (fromEnd >= -tokens && fromEnd < 0) return fromEnd;
    throw Error(ErrorKind::Usage, "position " + std::to_string(position) +
                                      " is out of range; the prompt has " + std::to_string(tokens) +
                                      " tokens");
}

std::int64_t topAnswer(const Model& model, const TokenizedInput& input, std::int64_t position,
                       ComputeType compute, const RunContext& context) {
    ForwardInput forward;
    forward.ids = at::tensor(input.ids(), at::kLong).unsqueeze(0);
    if (model.spec().tokenTypes > 0)
        forward.tokenTypes = at::tensor(input.typeIds(), at::kLong).unsqueeze(0);
    ForwardRequest request;
    request.compute = scalarTypeOf(compute);
    request.logitPositions = at::full({1, 1}, forward.ids.size(1) + position, at::kLong);
    return model.forward(forward, request, {}, context)
        .logits.flatten()
        .argmax()
        .item<std::int64_t>();
}

bool isContinuationKind(std::string_view kind) {
    return kind == "text" || kind == "ids" || kind == "generated";
}

std::vector<std::int64_t> generated(const Model& model, const TokenizedInput& input,
                                    std::string_view count, ComputeType compute,
                                    const RunContext& context) {
    GenerateRequest request;
    const auto [end, status] =
        std::from_chars(count.data(), count.data() + count.size(), request.newTokens);
    if (status != std::errc() || end != count.data() + count.size() || request.newTokens < 1) {
        throw Error(ErrorKind::Usage,
                    "target: generated:" + std::string(count) + " is no number of tokens");
    }
    request.prompts = {input.ids()};
    request.compute = scalarTypeOf(compute);
    return generate(model, request, context).front().ids;
}

// What is explained of every answer: logits, probabilities or log-probabilities. [rows, answers]
at::Tensor quantitiesOf(Quantity quantity, const at::Tensor& logits) {
    const at::Tensor wide = logits.scalar_type() == at::kDouble ? logits : logits.to(at::kFloat);
    if (quantity == Quantity::Logit) return wide;
    return quantity == Quantity::Probability ? at::softmax(wide, -1) : at::log_softmax(wide, -1);
}

at::Tensor quantityOf(Quantity quantity, const at::Tensor& logits, std::int64_t id) {
    return quantitiesOf(quantity, logits).select(-1, id);
}

// Above zero as long as the target is the model's own answer. [rows]
at::Tensor marginOf(const Target& target, const at::Tensor& logits) {
    const at::Tensor others = logits.index_fill(-1, at::tensor({target.id}, at::kLong),
                                                -std::numeric_limits<double>::infinity());
    const at::Tensor best = others.argmax(-1, true);
    const at::Tensor values = quantitiesOf(target.quantity, logits);
    return values.select(-1, target.id) - values.gather(-1, best).squeeze(-1);
}

}  // namespace

Quantity parseQuantity(std::string_view name) {
    for (const QuantityRow& row : kQuantities) {
        if (row.name == name) return row.quantity;
    }
    throw Error(ErrorKind::Usage, "unknown quantity " + inQuotes(name) +
                                      "; known: logit, probability, log_probability");
}

std::string_view quantityName(Quantity quantity) {
    return kQuantities[static_cast<std::size_t>(quantity)].name;
}

std::string_view targetKindName(TargetKind kind) {
    switch (kind) {
        case TargetKind::TokenOrClass:
            return "answer";
        case TargetKind::Contrast:
            return "contrast";
        case TargetKind::Continuation:
            return "continuation";
        case TargetKind::Margin:
            return "margin";
    }
    return "";
}

std::string answerText(const Model& model, const Tokenizer& tokenizer, std::int64_t id) {
    if (model.spec().task == Task::Classification)
        return model.spec().classLabels[static_cast<std::size_t>(id)];
    return readablePiece(tokenizer.pieceOf(id).value_or("#" + std::to_string(id)));
}

Target resolveTarget(const Model& model, const Tokenizer& tokenizer, const TokenizedInput& input,
                     const TargetRequest& request, ComputeType compute, const RunContext& context) {
    const TargetResolver resolver(model, tokenizer);
    Target target;
    target.quantity = request.quantity;
    target.position = resolvePosition(request, model, tokenizer, input);
    const std::string_view text = request.text;
    const std::size_t colon = text.find(':');
    const std::string_view kind = text.substr(0, colon);
    const std::string_view value = colon == std::string_view::npos ? "" : text.substr(colon + 1);
    if (text == "top" || text == "reference") {
        target.id = topAnswer(model, input, target.position, compute, context);
        target.text = resolver.textOf(target.id);
    } else if (text == "margin") {
        target.kind = TargetKind::Margin;
        target.id = topAnswer(model, input, target.position, compute, context);
        target.text = resolver.textOf(target.id) + " − the best other answer";
    } else if (kind == resolver.noun() && !value.empty()) {
        target.id = resolver.answer(value);
        target.text = resolver.textOf(target.id);
    } else if (kind == "contrast" && value.find('|') != std::string_view::npos) {
        target.kind = TargetKind::Contrast;
        target.id = resolver.answer(value.substr(0, value.find('|')));
        target.contrastId = resolver.answer(value.substr(value.find('|') + 1));
        target.text = resolver.textOf(target.id) + " − " + resolver.textOf(target.contrastId);
    } else if (isContinuationKind(kind) && !value.empty() && resolver.continuesTexts()) {
        target.kind = TargetKind::Continuation;
        target.continuation = kind == "text"  ? tokenizer.encode(unquoted(value), false).ids()
                              : kind == "ids" ? resolver.idsOf(value)
                                              : generated(model, input, value, compute, context);
        if (target.continuation.empty())
            throw Error(ErrorKind::Usage, "target: the continuation has no token");
        if (target.position != -1) {
            throw Error(ErrorKind::Usage,
                        "target: a continuation follows the last token; leave --position out");
        }
        target.text = kind == "text" ? unquoted(value) : tokenizer.decode(target.continuation);
    } else {
        throw Error(
            ErrorKind::Usage,
            "unknown target " + inQuotes(text) + "; known: top, margin, " + resolver.noun() +
                ":ID, contrast:A|B" +
                (resolver.continuesTexts() ? ", text:CONTINUATION, ids:5,17, generated:8" : ""));
    }
    return target;
}

at::Tensor targetValues(const Target& target, const at::Tensor& logits) {
    const at::Tensor rows = logits.dim() == 3 && target.kind != TargetKind::Continuation
                                ? logits.select(1, 0)
                                : logits;  // [rows, answers]
    if (target.kind == TargetKind::TokenOrClass)
        return quantityOf(target.quantity, rows, target.id);
    if (target.kind == TargetKind::Contrast) {
        return quantityOf(target.quantity, rows, target.id) -
               quantityOf(target.quantity, rows, target.contrastId);
    }
    if (target.kind == TargetKind::Margin) return marginOf(target, rows);
    // The chain rule: probabilities of a continuation multiply, so their logarithms are summed.
    Target summed = target;
    if (target.quantity == Quantity::Probability) summed.quantity = Quantity::LogProbability;
    const at::Tensor sum = answerTokenValues(summed, logits).sum(1);
    return target.quantity == Quantity::Probability ? sum.exp() : sum;
}

at::Tensor answerTokenValues(const Target& target, const at::Tensor& logits) {
    return at::stack(answerTokenColumns(target, logits), 1);
}

std::vector<at::Tensor> answerTokenColumns(const Target& target, const at::Tensor& logits) {
    if (target.kind != TargetKind::Continuation) return {targetValues(target, logits)};
    std::vector<at::Tensor> values;
    for (std::size_t i = 0; i < target.continuation.size(); ++i) {
        values.push_back(quantityOf(target.quantity, logits.select(1, static_cast<std::int64_t>(i)),
                                    target.continuation[i]));
    }
    return values;
}

}  // namespace driftlens
