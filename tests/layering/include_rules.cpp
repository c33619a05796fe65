#include "tests/layering/include_rules.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <deque>
#include <fstream>
#include <map>
#include <optional>
#include <regex>
#include <sstream>
#include <string_view>
#include <system_error>

namespace driftlens::layering {
namespace {

namespace fs = std::filesystem;

// A folder may include itself and what stands left of it; tests and samples may include all of
// these, and none of these may include them.
constexpr std::array<std::string_view, 6> kLayers = {"core",    "xai", "engine",
                                                     "reports", "ui",  "app"};
constexpr std::array<std::string_view, 2> kOutside = {"samples", "tests"};

constexpr std::array<std::string_view, 4> kBanned = {"torch/torch.h", "torch/all.h", "torch/nn.h",
                                                     "ATen/ATen.h"};
constexpr std::string_view kTorchGateway = "core/tensor.h";

struct Include {
    int line = 0;
    bool isQuoted = false;
    std::string path;  // empty for a computed include
};

using IncludeGraph = std::map<std::string, std::vector<Include>>;

template <std::size_t N>
bool startsWithAny(std::string_view text, const std::array<std::string_view, N>& prefixes) {
    return std::any_of(prefixes.begin(), prefixes.end(),
                       [&](std::string_view prefix) { return text.starts_with(prefix); });
}

std::string_view topFolder(std::string_view path) {
    return path.substr(0, path.find('/'));
}

bool isLayer(std::string_view folder) {
    return std::find(kLayers.begin(), kLayers.end(), folder) != kLayers.end();
}

bool isOutside(std::string_view folder) {
    return std::find(kOutside.begin(), kOutside.end(), folder) != kOutside.end();
}

bool isOurs(std::string_view path) {
    return path.find('/') != std::string_view::npos &&
           (isLayer(topFolder(path)) || isOutside(topFolder(path)));
}

bool isHeader(std::string_view path) {
    return path.ends_with(".h");
}

// What Qt's moc writes, included at the end of the file that declares the object.
bool isGenerated(std::string_view path) {
    return path.ends_with(".moc");
}

bool isTorch(std::string_view path) {
    constexpr std::array<std::string_view, 4> kFolders = {"ATen/", "c10/", "caffe2/", "torch/"};
    return path == kTorchGateway || startsWithAny(path, kFolders);
}

bool isQt(std::string_view path) {
    static const std::regex kQt("Q[A-Z].*|Qt[A-Z][A-Za-z]*/.*|q[a-z]+\\.h");
    return std::regex_match(path.begin(), path.end(), kQt);
}

// The part of core that parsers, tokenizers and their fuzzers link: no LibTorch anywhere.
bool isCoreBase(std::string_view path) {
    constexpr std::array<std::string_view, 4> kFolders = {"core/base/", "core/files/",
                                                          "core/quantized/", "core/tokenizer/"};
    return startsWithAny(path, kFolders);
}

// Files that must not reach LibTorch even through other headers.
bool mustStayTorchFree(std::string_view path) {
    constexpr std::array<std::string_view, 8> kFolders = {
        "engine/audit/", "engine/drift/",   "reports/",          "ui/",
        "app/",          "xai/coalitions/", "xai/faithfulness/", "xai/metrics/"};
    return isCoreBase(path) || startsWithAny(path, kFolders) ||
           (path.starts_with("engine/") && isHeader(path));
}

bool mayUseQt(std::string_view path) {
    constexpr std::array<std::string_view, 5> kFolders = {"ui/", "app/gui", "tests/ui/",
                                                          "tests/app/", "tests/support/"};
    return startsWithAny(path, kFolders);
}

bool mayUseSqlite(std::string_view path) {
    constexpr std::array<std::string_view, 2> kFolders = {"engine/audit/", "tests/engine/audit/"};
    return startsWithAny(path, kFolders);
}

std::vector<Include> readIncludes(const fs::path& file) {
    static const std::regex kInclude(R"(^\s*#\s*include\s*(["<]([^">]*)[">]|\S+).*)");
    std::ifstream stream(file);
    if (!stream) {
        throw fs::filesystem_error("layering: cannot read", file,
                                   std::error_code(errno, std::generic_category()));
    }
    std::vector<Include> includes;
    std::string text;
    for (int line = 1; std::getline(stream, text); ++line) {
        std::smatch match;
        if (std::regex_match(text, match, kInclude)) {
            includes.push_back({line, match[1].str().front() == '"', match[2].str()});
        }
    }
    return includes;
}

IncludeGraph readTree(const fs::path& root) {
    IncludeGraph graph;
    const auto readFolder = [&](std::string_view folder) {
        if (!fs::exists(root / folder)) {
            return;
        }
        for (const auto& entry : fs::recursive_directory_iterator(root / folder)) {
            const fs::path& path = entry.path();
            if (entry.is_regular_file() &&
                (path.extension() == ".h" || path.extension() == ".cpp")) {
                graph[path.lexically_relative(root).generic_string()] = readIncludes(path);
            }
        }
    };
    std::for_each(kLayers.begin(), kLayers.end(), readFolder);
    std::for_each(kOutside.begin(), kOutside.end(), readFolder);
    return graph;
}

// What is wrong with `file` including `path`, of the rules that need no other file.
std::optional<std::string> brokenRule(const std::string& file, const Include& include,
                                      const IncludeGraph& graph) {
    const std::string& path = include.path;
    if (path.empty()) {
        return "a computed include cannot be checked";
    }
    if (std::find(kBanned.begin(), kBanned.end(), path) != kBanned.end()) {
        return "this header is banned; core/tensor.h holds what is needed";
    }
    if (isQt(path) && !mayUseQt(file)) {
        return "Qt stays in ui/ and app/gui";
    }
    if (path == "sqlite3.h" && !mayUseSqlite(file)) {
        return "SQLite stays in engine/audit/";
    }
    if (!isOurs(path)) {
        return include.isQuoted && !isGenerated(path)
                   ? std::optional<std::string>("quoted includes start at the repository root")
                   : std::nullopt;
    }
    if (!graph.contains(path)) {
        return "no such file";
    }
    const std::string_view from = topFolder(file);
    const std::string_view to = topFolder(path);
    const bool isTestOfSamples = from == "tests" && to == "samples";
    if (isOutside(to) && from != to && !isTestOfSamples) {
        return "nothing but tests/ includes tests/ or samples/";
    }
    if (isLayer(from) && isLayer(to) &&
        std::find(kLayers.begin(), kLayers.end(), to) >
            std::find(kLayers.begin(), kLayers.end(), from)) {
        return std::string(from) + "/ stands left of " + std::string(to) + "/";
    }
    if (isCoreBase(file) && !isCoreBase(path)) {
        return "core/base, core/files, core/quantized and core/tokenizer know only each other";
    }
    if (file.starts_with("xai/coalitions/") && !path.starts_with("xai/coalitions/") &&
        !isCoreBase(path)) {
        return "coalitions know what core_base holds and each other";
    }
    if (file.starts_with("xai/faithfulness/") && !path.starts_with("xai/faithfulness/") &&
        !path.starts_with("xai/coalitions/") && !isCoreBase(path)) {
        return "faithfulness knows coalitions, what core_base holds and itself";
    }
    if (file.starts_with("xai/metrics/") && !path.starts_with("xai/metrics/") &&
        !isCoreBase(path)) {
        return "metrics know what core_base holds and each other";
    }
    if (file.starts_with("engine/drift/") && !path.starts_with("engine/drift/") &&
        !path.starts_with("xai/metrics/") && !isCoreBase(path)) {
        return "drift knows what core_base and xai_metrics hold and itself";
    }
    return std::nullopt;
}

// The shortest chain of includes from `file` to a header of LibTorch; empty if there is none.
std::string chainToTorch(const std::string& file, const IncludeGraph& graph) {
    std::map<std::string, std::string> includer = {{file, ""}};
    std::deque<std::string> queue = {file};
    while (!queue.empty()) {
        const std::string current = queue.front();
        queue.pop_front();
        const auto node = graph.find(current);
        if (node == graph.end()) {
            continue;
        }
        for (const Include& include : node->second) {
            if (!includer.emplace(include.path, current).second) {
                continue;
            }
            if (isTorch(include.path)) {
                std::string chain = include.path;
                for (std::string step = current; !step.empty(); step = includer[step]) {
                    chain.insert(0, " -> ").insert(0, step);
                }
                return chain;
            }
            queue.push_back(include.path);
        }
    }
    return {};
}

}  // namespace

std::vector<std::string> findViolations(const fs::path& root) {
    const IncludeGraph graph = readTree(root);
    std::vector<std::string> violations;
    for (const auto& [file, includes] : graph) {
        for (const Include& include : includes) {
            if (const auto rule = brokenRule(file, include, graph)) {
                std::ostringstream text;
                text << file << ':' << include.line << ": includes '" << include.path
                     << "': " << *rule;
                violations.push_back(text.str());
            }
        }
        if (mustStayTorchFree(file)) {
            if (const std::string chain = chainToTorch(file, graph); !chain.empty()) {
                std::ostringstream text;
                text << file << ": reaches LibTorch: " << chain;
                violations.push_back(text.str());
            }
        }
    }
    return violations;
}

}  // namespace driftlens::layering
