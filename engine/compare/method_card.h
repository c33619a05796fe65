// What people should know about an explanation method before they trust it: its row of the registry
// as plain values, for help texts, reports and the desktop.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace driftlens {

struct MethodCard {
    struct Setting {
        std::string name, fallback, allowed, meaning;
    };
    struct Claim {
        std::string name, value;
    };
    std::string id, title, definition, paper;
    std::vector<Claim> claims;  // complete or not, and so on; checked by every_method_test
    std::vector<Setting> settings;
    std::string caveats;
};

// Throws Error(Usage) for an unknown method, with the known ones.
MethodCard methodCard(std::string_view id);

}  // namespace driftlens
