#include "xai/coalitions/owen.h"

#include "core/base/error.h"

#include <queue>

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

namespace driftlens::coalitions {
namespace {

constexpr double kMostEvaluations = 1 << 20;
constexpr std::size_t kPartsAtOnce = 8;

// The players of each node, [nodes].
std::vector<Coalition> nodeMembers(const Hierarchy& hierarchy) {
    std::vector<Coalition> out;
    for (std::size_t i = 0; i < hierarchy.players; ++i) {
        out.push_back(emptyCoalition(hierarchy.players).set(i));
    }
    for (const auto& [left, right] : hierarchy.children) out.push_back(out[left] | out[right]);
    return out;
}

// At most this many evaluations, were the hierarchy taken apart to the players.
double fullCost(const Hierarchy& hierarchy, SiblingContext context) {
    std::vector<double> contexts(hierarchy.nodes(), 1.0);
    double out = 2.0;
    for (std::size_t k = hierarchy.children.size(); k-- > 0;) {
        const double here = contexts[hierarchy.players + k];
        for (const std::size_t child : hierarchy.children[k]) {
            contexts[child] = context == SiblingContext::Both ? 2.0 * here : here;
        }
        out += 2.0 * here;
    }
    return out;
}

// A node in one context: what is kept without it, and the values without and with it.
struct Part {
    std::size_t node = 0;
    Coalition context;
    std::vector<double> without;  // [targets]
    std::vector<double> with;
    double weight = 1.0;
    double urgency = 0.0;
    std::size_t number = 0;  // in the order of their making
};

struct LessUrgent {
    bool operator()(const Part& a, const Part& b) const {
        return a.urgency != b.urgency ? a.urgency < b.urgency : a.number > b.number;
    }
};

class Expansion {
public:
    Expansion(Evaluator& evaluator, const Hierarchy& hierarchy, const OwenPlan& plan)
        : m_hierarchy(hierarchy),
          m_plan(plan),
          m_members(nodeMembers(hierarchy)),
          m_tally(evaluator),
          m_results(evaluator.targets()) {
        std::vector<PlayerValues> ends = withEnds(m_tally, hierarchy.players);
        Part root{hierarchy.nodes() - 1, emptyCoalition(hierarchy.players), {}, {}};
        for (std::size_t target = 0; target < ends.size(); ++target) {
            root.without.push_back(ends[target].empty);
            root.with.push_back(ends[target].full);
            m_results[target].players = std::move(ends[target]);
            m_results[target].nodes.assign(hierarchy.nodes(), 0.0);
        }
        push(std::move(root));
    }

    std::vector<OwenValues> run() {
        for (std::vector<Part> parts = next(); !parts.empty(); parts = next()) expand(parts);
        for (; !m_queue.empty(); m_queue.pop()) {
            credit(m_queue.top());
            for (OwenValues& result : m_results) ++result.unexpanded;
        }
        finish();
        return std::move(m_results);
    }

private:
    bool isPlayer(const Part& part) const { return part.node < m_hierarchy.players; }
    const std::array<std::size_t, 2>& childrenOf(const Part& part) const {
        return m_hierarchy.children[part.node - m_hierarchy.players];
    }
    Coalition contextWith(const Part& part, std::size_t child) const {
        return part.context | m_members[child];
    }

    void push(Part part) {
        for (std::size_t target = 0; target < part.with.size(); ++target) {
            part.urgency =
                std::max(part.urgency, std::abs(part.with[target] - part.without[target]));
        }
        part.urgency *= part.weight;
        part.number = m_made++;
        if (isPlayer(part)) {
            credit(part);
        } else {
            m_queue.push(std::move(part));
        }
    }

    void credit(const Part& part) {
        for (std::size_t target = 0; target < m_results.size(); ++target) {
            m_results[target].nodes[part.node] +=
                (part.with[target] - part.without[target]) * part.weight;
        }
    }

    // The most urgent parts whose evaluations the budget allows.
    std::vector<Part> next() {
        std::vector<Part> out;
        std::vector<Coalition> wanted;
        while (!m_queue.empty() && out.size() < kPartsAtOnce) {
            const auto& [left, right] = childrenOf(m_queue.top());
            wanted.push_back(contextWith(m_queue.top(), left));
            wanted.push_back(contextWith(m_queue.top(), right));
            if (m_plan.budget && m_tally.distinct() + m_tally.wouldAdd(wanted) > *m_plan.budget) {
                break;
            }
            out.push_back(m_queue.top());
            m_queue.pop();
        }
        return out;
    }

    void expand(std::span<const Part> parts) {
        std::vector<Coalition> coalitions;
        for (const Part& part : parts) {
            for (const std::size_t child : childrenOf(part)) {
                coalitions.push_back(contextWith(part, child));
            }
        }
        const ScoreTable scores = m_tally.valuesOf(coalitions);
        const auto row = [&](std::size_t i) {
            const auto begin =
                scores.values.begin() + static_cast<std::ptrdiff_t>(i * scores.targets);
            return std::vector<double>(begin, begin + static_cast<std::ptrdiff_t>(scores.targets));
        };
        for (std::size_t i = 0; i < parts.size(); ++i) split(parts[i], row(2 * i), row(2 * i + 1));
    }

    void split(const Part& part, const std::vector<double>& withLeft,
               const std::vector<double>& withRight) {
        const auto& [left, right] = childrenOf(part);
        const bool isOwen = m_plan.context == SiblingContext::Both;
        const double weight = isOwen ? part.weight / 2.0 : part.weight;
        if (m_plan.context != SiblingContext::Present) {
            push({left, part.context, part.without, withLeft, weight});
            push({right, part.context, part.without, withRight, weight});
        }
        if (m_plan.context != SiblingContext::Absent) {
            push({left, contextWith(part, right), withRight, part.with, weight});
            push({right, contextWith(part, left), withLeft, part.with, weight});
        }
        if (isOwen) return;
        const double sign = m_plan.context == SiblingContext::Absent ? 1.0 : -1.0;
        for (std::size_t target = 0; target < m_results.size(); ++target) {
            m_results[target].nodes[part.node] +=
                sign * part.weight *
                (part.with[target] - withLeft[target] - withRight[target] + part.without[target]);
        }
    }

    // Inner nodes share out what they hold, by size, from the root down.
    void finish() {
        const std::vector<std::size_t> sizes = nodeSizes(m_hierarchy);
        for (OwenValues& result : m_results) {
            std::vector<double> held = result.nodes;
            for (std::size_t node = m_hierarchy.nodes(); node-- > m_hierarchy.players;) {
                for (const std::size_t child : m_hierarchy.children[node - m_hierarchy.players]) {
                    held[child] += held[node] * static_cast<double>(sizes[child]) /
                                   static_cast<double>(sizes[node]);
                }
            }
            held.resize(m_hierarchy.players);
            std::vector<PlayerValues> one = {std::move(result.players)};
            one.front().values = std::move(held);
            close(one, m_tally);
            result.players = std::move(one.front());
        }
    }

    const Hierarchy& m_hierarchy;
    const OwenPlan& m_plan;
    std::vector<Coalition> m_members;
    Tally m_tally;
    std::vector<OwenValues> m_results;  // one per target
    std::priority_queue<Part, std::vector<Part>, LessUrgent> m_queue;
    std::size_t m_made = 0;
};

void check(const Evaluator& evaluator, const Hierarchy& hierarchy, const OwenPlan& plan) {
    checkHierarchy(hierarchy);
    if (hierarchy.players != evaluator.players()) {
        throw Error(ErrorKind::Usage, "owen: a hierarchy of " + std::to_string(hierarchy.players) +
                                          " players for a game of " +
                                          std::to_string(evaluator.players()));
    }
    if (plan.budget && *plan.budget < 2) {
        throw Error(ErrorKind::Usage, "owen: a budget of " + std::to_string(*plan.budget) +
                                          " evaluations, at least 2 are needed");
    }
    if (!plan.budget && fullCost(hierarchy, plan.context) > kMostEvaluations) {
        throw Error(ErrorKind::Usage,
                    "owen: the whole hierarchy takes more than a million evaluations: give a "
                    "budget, or a hierarchy that is less deep");
    }
}

}  // namespace

std::vector<OwenValues> owenValues(Evaluator& evaluator, const Hierarchy& hierarchy,
                                   const OwenPlan& plan) {
    check(evaluator, hierarchy, plan);
    return Expansion(evaluator, hierarchy, plan).run();
}

}  // namespace driftlens::coalitions
