#include "app/structure_text.h"

#include "core/base/text.h"

#include <algorithm>

namespace driftlens {
namespace {

constexpr std::size_t kShown = 3;

template <typename Row, typename FigureOf>
std::vector<const Row*> largest(const std::vector<Row>& rows, const FigureOf& figureOf) {
    std::vector<const Row*> out;
    for (const Row& row : rows)
        if (figureOf(row).value) out.push_back(&row);
    std::stable_sort(out.begin(), out.end(), [&](const Row* a, const Row* b) {
        return *figureOf(*a).value > *figureOf(*b).value;
    });
    out.resize(std::min(out.size(), kShown));
    return out;
}

std::string shown(const Figure& figure) {
    return figure.value ? formatNumber(*figure.value, 3) : "– (" + figure.reason + ")";
}

}  // namespace

std::string structureText(const StructureDrift& drift) {
    if (!drift.reason.empty()) return "  insides  not compared: " + drift.reason + "\n";
    if (drift.heads.empty()) return "";
    std::string out = "  attention, Jensen-Shannon in bits, most:";
    for (const HeadChange* head :
         largest(drift.heads, [](const HeadChange& each) -> const Figure& { return each.js; })) {
        out += " layer " + std::to_string(head->layer) + " head " + std::to_string(head->head) +
               " " + shown(head->js) + ",";
    }
    out += " rollout cosine " + shown(drift.rolloutSimilarity) +
           "\n  activations, relative error, most:";
    for (const SiteChange* site : largest(drift.sites, [](const SiteChange& each) -> const Figure& {
             return each.relativeFrobenius;
         })) {
        out += " " + site->site + " " + shown(site->relativeFrobenius) + " (CKA " +
               shown(site->linearCka) + "),";
    }
    out.back() = '\n';
    return out;
}

}  // namespace driftlens
