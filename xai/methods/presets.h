// Settings under which a method does what another library's method of that name does.
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>

namespace driftlens {

struct PresetRow {
    std::string_view preset, method;
    std::string_view settings;    // "key=value,…"
    std::string_view difference;  // what stays different, and why; empty: nothing
};

std::span<const PresetRow> presets();
std::string presetNames();  // "captum, inseq, …", each once

// Throws Error(Usage) for an unknown preset, or one that has nothing to say about the method.
std::map<std::string, std::string> presetSettings(std::string_view preset, std::string_view method);

}  // namespace driftlens
