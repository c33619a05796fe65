#include "core/model/generate.h"

#include "core/base/error.h"
#include "core/base/random.h"
#include "core/model/rope.h"

#include <algorithm>
#include <optional>

namespace driftlens {
namespace {

void check(const Model& model, const GenerateRequest& request) {
    const auto usage = [](const std::string& message) {
        throw Error(ErrorKind::Usage, "generate: " + message);
    };
    if (model.spec().task != Task::CausalLm) {
        usage("a " + std::string(taskName(model.spec().task)) + " model does not continue texts");
    }
    if (request.prompts.empty()) usage("no prompt");
    for (const auto& prompt : request.prompts) {
        if (prompt.empty()) usage("a prompt is empty");
    }
    checkSampling(request.sampling);
}

// A batch of texts that grow together; a text that has ended is padded on.
class Generator {
public:
    Generator(const Model& model, const GenerateRequest& request, const RunContext& context)
        : m_model(model),
          m_request(request),
          m_context(context),
          m_positions(model.textPositions()) {
        for (std::size_t row = 0; row < request.prompts.size(); ++row) {
            m_width = std::max(m_width, request.prompts[row].size());
            m_draws.emplace_back(request.sampling.seed, "generate", row);
        }
        m_out.resize(request.prompts.size());
        m_hasEnded.resize(request.prompts.size(), false);
    }

    std::vector<GeneratedTokens> run() {
        for (m_step = 0; m_step < m_request.newTokens && endFullRows(); ++m_step) {
            const at::Tensor logits = nextLogits().to(at::kDouble).contiguous();
            for (std::size_t row = 0; row < m_out.size(); ++row) {
                if (!m_hasEnded[row]) append(row, logits[static_cast<std::int64_t>(row)]);
            }
            m_context.checkpoint(
                static_cast<double>(m_step + 1) / static_cast<double>(m_request.newTokens),
                "generate");
        }
        return std::move(m_out);
    }

private:
    std::int64_t lengthOf(std::size_t row) const {
        return static_cast<std::int64_t>(m_request.prompts[row].size() + m_out[row].ids.size());
    }

    // Ends the rows that fill the model's positions; false if none is left.
    bool endFullRows() {
        bool isAnyLeft = false;
        for (std::size_t row = 0; row < m_out.size(); ++row) {
            if (!m_hasEnded[row] && m_step > 0 && lengthOf(row) > m_positions) {
                m_hasEnded[row] = true;
                m_out[row].reason = StopReason::Context;
            }
            isAnyLeft = isAnyLeft || !m_hasEnded[row];
        }
        return isAnyLeft;
    }

    void append(std::size_t row, const at::Tensor& logits) {
        const std::int64_t next =
            sampleToken({logits.const_data_ptr<double>(), static_cast<std::size_t>(logits.numel())},
                        m_request.sampling, m_draws[row].uniform());
        m_out[row].ids.push_back(next);
        const auto& ends = m_model.spec().endTokens;
        if (m_request.stopAtEnd && std::find(ends.begin(), ends.end(), next) != ends.end()) {
            m_hasEnded[row] = true;
            m_out[row].reason = StopReason::EndOfText;
        }
    }

    at::Tensor nextLogits() {  // [rows, vocabulary]
        const std::int64_t length = static_cast<std::int64_t>(m_width) + m_step;  // of the longest
        if (outgrowsCache(m_model.spec().rope, m_cache.seen(), length)) m_cache = {};
        const bool startsOver = !m_request.useCache || m_cache.seen() == 0;
        const std::int64_t first = startsOver ? 0 : length - 1;
        ForwardInput input;
        fill(first, length, input);
        if (m_request.useCache) input.cache = &m_cache;
        ForwardRequest wanted;
        wanted.compute = m_request.compute;
        wanted.logitPositions = at::full({input.batch(), 1}, input.tokens() - 1, at::kLong);
        return m_model.forward(input, wanted, {}, m_context).logits.select(1, 0);
    }

    std::int64_t padsOf(std::size_t row) const {
        return static_cast<std::int64_t>(m_width - m_request.prompts[row].size());
    }

    // The token in that column of the left-padded batch; none at pads and behind a text's end.
    std::optional<std::int64_t> tokenAt(std::size_t row, std::int64_t column) const {
        const auto& prompt = m_request.prompts[row];
        const auto& added = m_out[row].ids;
        const auto pads = static_cast<std::int64_t>(m_width - prompt.size());
        if (column < pads) return std::nullopt;
        const auto at = static_cast<std::size_t>(column - pads);
        if (at < prompt.size()) return prompt[at];
        if (m_hasEnded[row] || at - prompt.size() >= added.size()) return std::nullopt;
        return added[at - prompt.size()];
    }

    // Columns [first, end): ids, 0 where there is no token, and the mask that says where.
    void fill(std::int64_t first, std::int64_t end, ForwardInput& input) const {
        input.ids = at::zeros({rows(), end - first}, at::kLong);
        input.mask = at::zeros({rows(), end - first}, at::kBool);
        auto* ids = input.ids.mutable_data_ptr<std::int64_t>();
        auto* mask = input.mask.mutable_data_ptr<bool>();
        bool hasPads = false;
        for (std::size_t row = 0; row < m_out.size(); ++row) {
            for (std::int64_t column = first; column < end; ++column, ++ids, ++mask) {
                const std::optional<std::int64_t> token = tokenAt(row, column);
                *ids = token.value_or(0);
                *mask = token.has_value();
                hasPads = hasPads || !token;
            }
        }
        if (!hasPads) input.mask = at::Tensor();
    }

    std::int64_t rows() const { return static_cast<std::int64_t>(m_out.size()); }

    const Model& m_model;
    const GenerateRequest& m_request;
    const RunContext& m_context;
    std::int64_t m_positions;  // that the model has for a text
    std::size_t m_width = 0;   // of the longest prompt
    std::int64_t m_step = 0;
    std::vector<RandomStream> m_draws;  // per row
    std::vector<GeneratedTokens> m_out;
    std::vector<bool> m_hasEnded;
    KvCache m_cache;
};

}  // namespace

std::string_view stopReasonName(StopReason reason) {
    switch (reason) {
        case StopReason::EndOfText:
            return "end_of_text";
        case StopReason::Length:
            return "length";
        case StopReason::Context:
            return "context";
    }
    return "";
}

std::vector<GeneratedTokens> generate(const Model& model, const GenerateRequest& request,
                                      const RunContext& context) {
    check(model, request);
    return Generator(model, request, context).run();
}

}  // namespace driftlens
