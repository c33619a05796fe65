// Programs and files of others that what we write is put to: ./dev test fetches the wheels into one
// folder, and its Debian packages give the rest.
#pragma once

#include "tests/support/program.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <unistd.h>
#include <vector>

namespace driftlens {

inline constexpr const char* kPython3 = "/usr/bin/python3";  // the one that has Debian's modules

inline std::filesystem::path checkersFolder() {
    const char* given = std::getenv("DRIFTLENS_CHECKERS");
    return given != nullptr ? given : ".deps/checkers";
}

// The first of those programs on PATH; empty if there is none.
inline std::string programOnPath(const std::vector<std::string>& names) {
    const char* path = std::getenv("PATH");
    const std::string folders = path != nullptr ? path : "";
    for (const std::string& name : names) {
        for (std::size_t at = 0; at <= folders.size();) {
            const std::size_t end = std::min(folders.find(':', at), folders.size());
            const std::string file = folders.substr(at, end - at) + "/" + name;
            if (::access(file.c_str(), X_OK) == 0) return file;
            at = end + 1;
        }
    }
    return {};
}

// What such a program says is wrong, line by line; "" if nothing is. It must exit 0 or 1.
inline std::string faultsBy(const std::string& program, const std::vector<std::string>& arguments) {
    const ScratchFolder scratch;
    const ProgramResult result = runProgram(program, arguments, scratch);
    EXPECT_TRUE(result.exitCode == 0 || result.exitCode == 1) << program << ": " << result.err;
    EXPECT_EQ(result.exitCode == 0, (result.out + result.err).empty()) << result.out << result.err;
    return result.out + result.err;
}

}  // namespace driftlens

// Declares the path of a file among the checkers, or skips the test; with DRIFTLENS_REQUIRE_SHARED
// it fails instead.
#define REQUIRE_CHECKER(variable, relative)                                                   \
    const std::filesystem::path variable = driftlens::checkersFolder() / (relative);          \
    if (!std::filesystem::exists(variable)) {                                                 \
        if (std::getenv("DRIFTLENS_REQUIRE_SHARED") != nullptr) {                             \
            FAIL() << variable << " is absent; ./dev test fetches it";                        \
        }                                                                                     \
        GTEST_SKIP() << "no " << variable.string() << "; ./dev test fetches it where it can"; \
    }
