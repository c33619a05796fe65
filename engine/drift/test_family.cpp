#include "engine/drift/test_family.h"

#include "core/base/statistics/multiplicity.h"

namespace driftlens {
namespace {

using Correction = std::vector<double> (*)(std::span<const double>);

void adjustFamily(bool isPrimary, const std::string& name, Correction correct,
                  std::vector<AdjustedTest>& all) {
    std::vector<AdjustedTest*> family;
    std::vector<double> p;
    for (AdjustedTest& adjusted : all) {
        if (adjusted.test.isPrimary != isPrimary) continue;
        family.push_back(&adjusted);
        p.push_back(adjusted.test.p.value.value_or(1.0));
    }
    const std::vector<double> corrected = correct(p);
    for (std::size_t i = 0; i < family.size(); ++i) {
        family[i]->label = name + " over " + std::to_string(p.size());
        family[i]->adjusted =
            family[i]->test.p.value ? Figure{corrected[i], ""} : family[i]->test.p;
    }
}

}  // namespace

std::vector<AdjustedTest> adjustTests(std::span<const EndpointTest> tests) {
    std::vector<AdjustedTest> out;
    for (const EndpointTest& test : tests) out.push_back({test, {}, ""});
    adjustFamily(true, "primary, Holm", &holm, out);
    adjustFamily(false, "exploratory, Benjamini-Hochberg", &benjaminiHochberg, out);
    return out;
}

}  // namespace driftlens
