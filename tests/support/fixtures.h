// Where the shared fixtures are, and what a test does without them.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>

namespace driftlens {

// A path under the shared folder ($DRIFTLENS_SHARED, else ../shared beside the checkout), if there.
inline std::optional<std::filesystem::path> sharedPath(const std::string& relative) {
    const char* given = std::getenv("DRIFTLENS_SHARED");
    const std::filesystem::path root =
        given != nullptr ? std::filesystem::path(given) : std::filesystem::path("../shared");
    std::error_code status;
    if (!std::filesystem::exists(root / relative, status)) return std::nullopt;
    return root / relative;
}

}  // namespace driftlens

// Declares the path, or skips the test; with DRIFTLENS_REQUIRE_SHARED=1 it fails instead.
#define REQUIRE_SHARED(variable, relative)                                                        \
    const auto variable##Found = driftlens::sharedPath(relative);                                 \
    if (!variable##Found) {                                                                       \
        if (std::getenv("DRIFTLENS_REQUIRE_SHARED") != nullptr) {                                 \
            FAIL() << relative << " is absent";                                                   \
        }                                                                                         \
        GTEST_SKIP() << "skipped: ../shared/" << relative << " is absent (set DRIFTLENS_SHARED)"; \
    }                                                                                             \
    const std::filesystem::path variable = *variable##Found
