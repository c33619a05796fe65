// What people should know about an explanation method before they trust it: its row of the registry
// as plain values, for help texts, reports and the desktop.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace driftlens {

struct MethodCard {
    struct Fact {
        std::string name, text;
    };
    struct Setting {
        std::string name, fallback, allowed, meaning;
    };
    std::string id, title;
    std::vector<Fact> facts;  // in the order to show them: definition, paper, claims, caveats
    std::vector<Setting> settings;
};

// Throws Error(Usage) for an unknown method, with the known ones.
MethodCard methodCard(std::string_view id);

}  // namespace driftlens
