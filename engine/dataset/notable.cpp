#include "engine/dataset/notable.h"

#include "engine/drift/endpoint.h"

#include <algorithm>
#include <cmath>

namespace driftlens {
namespace {

constexpr std::size_t kKept = 3;  // of each kind

}  // namespace

void NotableExamples::offer(const ExampleOutcome& outcome, const std::string& text,
                            const Comparison* comparison) {
    if (!outcome.failed.empty()) return;
    bool isFlip = false;
    std::optional<double> drift;
    for (const VariantOutcome& variant : outcome.variants) {
        if (!variant.failed.empty()) continue;
        isFlip = isFlip || variant.answer != outcome.answer;
        const auto method = variant.methods.find(m_method);
        if (method == variant.methods.end()) continue;
        const auto figure = method->second.raw.find(m_metric);
        if (figure == method->second.raw.end() || !figure->second.value) continue;
        const double own = std::abs(driftOf(endpointInfo(m_metric), *figure->second.value));
        drift = std::max(drift.value_or(own), own);
    }
    if (isFlip)
        keep(m_flips, outcome.confidence, outcome, text, comparison);
    else if (drift)
        keep(m_drifts, *drift, outcome, text, comparison);
}

void NotableExamples::keep(std::vector<Candidate>& list, double rank, const ExampleOutcome& outcome,
                           const std::string& text, const Comparison* comparison) {
    if (list.size() == kKept && rank <= list.back().rank) return;
    const auto place = std::find_if(list.begin(), list.end(),
                                    [&](const Candidate& each) { return rank > each.rank; });
    list.insert(place, {rank, outcome.number, text,
                        comparison != nullptr ? std::optional(*comparison) : std::nullopt});
    if (list.size() > kKept) list.pop_back();
}

std::vector<NotableExample> NotableExamples::take(
    const std::function<Comparison(const std::string& text)>& compute) {
    std::vector<NotableExample> out;
    const auto add = [&](std::vector<Candidate>& list, const char* why) {
        for (Candidate& each : list) {
            NotableExample& own = out.emplace_back();
            own.example = each.example;
            own.text = each.text;
            own.why = why;
            own.comparison = each.comparison ? std::move(*each.comparison) : compute(each.text);
        }
        list.clear();
    };
    add(m_flips, "the answer changed, though the reference was sure");
    add(m_drifts, "the same answer, with the largest change of reasons");
    return out;
}

}  // namespace driftlens
