// Owen values over a hierarchy of the text.
#include "xai/coalitions/owen.h"

#include "xai/methods/methods.h"
#include "xai/methods/text_game.h"

#include <array>

namespace driftlens {
namespace {

constexpr std::array<ParameterInfo, 6> kTable = {{
    kUnitParameter,
    kReplaceParameter,
    kKeepSpecialParameter,
    {"tree", ParameterKind::Choice, "text", 0, 0, "text|balanced",
     "text: parts of words, words, clauses, sentences, as shap merges them; balanced: neighbours "
     "in pairs"},
    {"samples", ParameterKind::Integer, "500", 0, 1 << 20, "",
     "most evaluations, the parts that matter most first; 0: the whole tree"},
    {"context", ParameterKind::Choice, "both", 0, 0, "both|absent|present",
     "what of its sibling is kept while a part is taken apart (both: Owen values)"},
}};

coalitions::SiblingContext contextOf(const std::string& name) {
    if (name == "absent") return coalitions::SiblingContext::Absent;
    return name == "present" ? coalitions::SiblingContext::Present
                             : coalitions::SiblingContext::Both;
}

// Node values of the tree's inner nodes, as figures by the nodes' texts, would repeat the scores;
// the number of parts that the budget left whole is what a reader must know.
void sayUnexpanded(Attribution& out, std::size_t unexpanded) {
    out.figures["parts_left_whole"] = static_cast<double>(unexpanded);
    if (unexpanded == 0) return;
    out.warnings.push_back(std::to_string(unexpanded) +
                           " parts of the tree were not taken apart within the budget: their units "
                           "share their score evenly; raise samples");
}

}  // namespace

const std::span<const ParameterInfo> kOwenParameters = kTable;

Attribution explainByOwen(const MethodInput& in, const ParameterSet& settings,
                          const RunContext& context) {
    TextGame game(in, settings, context);
    const coalitions::Hierarchy tree = settings.text("tree") == "text"
                                           ? coalitions::textHierarchy(game.segments())
                                           : coalitions::balancedHierarchy(game.players());
    coalitions::OwenPlan plan;
    plan.context = contextOf(settings.text("context"));
    if (const std::int64_t most = settings.integer("samples"); most > 0)
        plan.budget = static_cast<std::size_t>(most);
    std::vector<coalitions::PlayerValues> values;
    std::size_t unexpanded = 0;
    for (coalitions::OwenValues& each : coalitions::owenValues(game.evaluator(), tree, plan)) {
        values.push_back(std::move(each.players));
        unexpanded = each.unexpanded;
    }
    Attribution out = game.explanation(values);
    sayUnexpanded(out, unexpanded);
    return out;
}

}  // namespace driftlens
