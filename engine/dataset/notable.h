// The examples of a data set that are worth looking at in full: what a report shows side by side.
#pragma once

#include "engine/compare/comparison.h"
#include "engine/dataset/outcome.h"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace driftlens {

struct NotableExample {
    std::uint64_t example = 0;  // its row
    std::string text;
    std::string why;  // for people
    Comparison comparison;
};

// Keeps, while examples stream by, the three flips of which the reference was surest and the three
// of the same answer whose explanation drifted most, in any variant. What is kept depends on the
// examples alone, not on which of them were resumed.
class NotableExamples {
public:
    // Drift is that of this method by this metric (an endpoint's id).
    NotableExamples(std::string method, std::string metric)
        : m_method(std::move(method)), m_metric(std::move(metric)) {}

    // `comparison`: null where it was resumed.
    void offer(const ExampleOutcome& outcome, const std::string& text,
               const Comparison* comparison);

    // Flips first. `compute` makes the comparison of a text that was resumed.
    std::vector<NotableExample> take(
        const std::function<Comparison(const std::string& text)>& compute);

private:
    struct Candidate {
        double rank = 0.0;
        std::uint64_t example = 0;
        std::string text;
        std::optional<Comparison> comparison;
    };
    void keep(std::vector<Candidate>& list, double rank, const ExampleOutcome& outcome,
              const std::string& text, const Comparison* comparison);

    std::string m_method, m_metric;
    std::vector<Candidate> m_flips, m_drifts;  // highest rank first
};

}  // namespace driftlens
