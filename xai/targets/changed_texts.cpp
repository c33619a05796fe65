#include "xai/targets/changed_texts.h"

#include "core/model/rope.h"

#include <algorithm>
#include <limits>
#include <numeric>

namespace driftlens {
namespace {

// What a forward pass costs whatever its length, in tokens: starting the kernels and reading the
// weights. gpt2 in F16 on two cores: passes of 8, 16, 32 and 64 tokens take 29.8, 32.3, 36.3 and
// 51.7 ms, about 27 ms and 0.39 ms per token.
constexpr std::size_t kTokensPerPass = 68;

bool isBefore(const ChangedText* a, const ChangedText* b) {
    if (a->size() != b->size()) return a->size() < b->size();
    return *a < *b;
}

// Leading tokens that both have in common.
std::size_t commonOf(const ChangedText& a, const ChangedText& b) {
    const auto [end, other] = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
    return static_cast<std::size_t>(end - a.begin());
}

}  // namespace

ChangedTextScorer::ChangedTextScorer(Scorer& scorer, std::int64_t rows, at::Tensor vector)
    : m_scorer(scorer),
      m_rows(static_cast<std::size_t>(std::max<std::int64_t>(1, rows))),
      m_vector(std::move(vector)) {}

std::vector<double> ChangedTextScorer::values(std::span<const ChangedText> texts) {
    std::vector<std::size_t> order(texts.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return isBefore(&texts[a], &texts[b]); });
    std::vector<const ChangedText*> distinct;
    std::vector<std::size_t> placeOf(texts.size());
    for (const std::size_t i : order) {
        if (distinct.empty() || *distinct.back() != texts[i]) distinct.push_back(&texts[i]);
        placeOf[i] = distinct.size() - 1;
    }
    std::vector<double> found;
    for (const Batch& batch : batchesOf(distinct)) {
        const auto part = std::span(distinct).subspan(batch.first, batch.end - batch.first);
        for (const double value : valuesOf(part, batch.shared)) found.push_back(value);
        m_done += part.size();
        const double share =
            static_cast<double>(m_done) / static_cast<double>(std::max(m_expected, m_done));
        m_scorer.context().checkpoint(share, "changed texts");
    }
    std::vector<double> out;
    out.reserve(texts.size() * columns());
    for (const std::size_t place : placeOf) {
        const auto row = found.begin() + static_cast<std::ptrdiff_t>(place * columns());
        out.insert(out.end(), row, row + static_cast<std::ptrdiff_t>(columns()));
    }
    return out;
}

void ChangedTextScorer::addAnswerTokens() {
    m_columns += std::max<std::size_t>(1, m_scorer.target().continuation.size());
    m_reads.emplace_back([target = m_scorer.target()](const at::Tensor& logits) {
        return answerTokenValues(target, logits);
    });
}

void ChangedTextScorer::addTarget(const Target& other) {
    ++m_columns;
    m_reads.emplace_back(
        [other](const at::Tensor& logits) { return targetValues(other, logits).unsqueeze(1); });
}

at::Tensor ChangedTextScorer::read(const at::Tensor& logits) const {
    std::vector<at::Tensor> columns = {targetValues(m_scorer.target(), logits).unsqueeze(1)};
    for (const Scorer::Read& more : m_reads) columns.push_back(more(logits));
    return at::cat(columns, 1);
}

// Cuts the sorted texts where the passes cost least: cost[end] over all batches that end there.
std::vector<ChangedTextScorer::Batch> ChangedTextScorer::batchesOf(
    std::span<const ChangedText* const> texts) const {
    std::vector<std::size_t> cost(texts.size() + 1, std::numeric_limits<std::size_t>::max());
    std::vector<Batch> last(texts.size() + 1);
    cost[0] = 0;
    for (std::size_t first = 0; first < texts.size(); ++first) {
        const std::size_t length = texts[first]->size();
        const std::size_t most = sharesBeginnings(length) ? m_scorer.firstRead(length) : 0;
        std::size_t common = most;
        for (std::size_t end = first + 1; end <= std::min(first + m_rows, texts.size()); ++end) {
            const std::size_t rows = end - first;
            if (texts[end - 1]->size() != length) break;
            if (rows > 1) common = std::min(common, commonOf(*texts[end - 2], *texts[end - 1]));
            const std::size_t whole = kTokensPerPass + rows * length;
            const std::size_t parted = 2 * kTokensPerPass + common + rows * (length - common);
            const std::size_t total = cost[first] + std::min(whole, parted);
            if (total >= cost[end]) continue;
            cost[end] = total;
            last[end] = {first, end, parted < whole ? common : 0};
        }
    }
    std::vector<Batch> out;
    for (std::size_t end = texts.size(); end > 0; end = last[end].first) out.push_back(last[end]);
    std::reverse(out.begin(), out.end());
    return out;
}

// A classifier reads one place for the whole text; what is read must not be shared away.
bool ChangedTextScorer::sharesBeginnings(std::size_t length) const {
    const ModelSpec& spec = m_scorer.model().spec();
    const auto tokens = static_cast<std::int64_t>(length);
    return spec.isCausal && spec.task == Task::CausalLm &&
           !outgrowsCache(spec.rope, 1, tokens + m_scorer.model().weights().virtualTokens.count());
}

std::vector<double> ChangedTextScorer::valuesOf(std::span<const ChangedText* const> texts,
                                                std::size_t shared) {
    const std::size_t length = texts.front()->size();
    const at::Tensor beginning = shared > 0 ? embed(texts.first(1), 0, shared) : at::Tensor();
    return m_scorer.valuesBehind(beginning, embed(texts, shared, length),
                                 [this](const at::Tensor& logits) { return read(logits); });
}

at::Tensor ChangedTextScorer::embed(std::span<const ChangedText* const> texts, std::size_t first,
                                    std::size_t end) const {
    const at::Tensor ids =
        at::empty({static_cast<std::int64_t>(texts.size()), static_cast<std::int64_t>(end - first)},
                  at::kLong);
    auto* next = ids.mutable_data_ptr<std::int64_t>();
    for (const ChangedText* text : texts) {
        const auto begin = text->begin() + static_cast<std::ptrdiff_t>(first);
        next = std::copy(begin, begin + static_cast<std::ptrdiff_t>(end - first), next);
    }
    const at::Tensor embeddings =
        m_scorer.embedColumns(ids.clamp_min(0), static_cast<std::int64_t>(first),
                              static_cast<std::int64_t>(texts.front()->size()));
    if (!m_vector.defined()) return embeddings;
    return at::where((ids == kVectorId).unsqueeze(-1), m_vector, embeddings);
}

}  // namespace driftlens
