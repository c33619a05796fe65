// Every fuzz target without libFuzzer: over the committed inputs, over small changes of them, and
// over the malformed files of the shared folder, whose refusal must be cheap.
#include "core/base/error.h"
#include "core/files/adapter_folder.h"
#include "core/files/checkpoint.h"
#include "core/tokenizer/tokenizer.h"
#include "tests/support/fixtures.h"
#include "tests/support/program.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <iostream>
#include <set>
#include <string_view>
#include <sys/resource.h>
#include <vector>

extern "C" {
#define FUZZ_TARGET(name) int name##_fuzzer(const std::uint8_t* data, std::size_t size);
#include "tests/fuzz/targets.h"
#undef FUZZ_TARGET
}

namespace driftlens {
namespace {

namespace fs = std::filesystem;

struct TargetRow {
    std::string_view name;
    int (*run)(const std::uint8_t* data, std::size_t size);
};

const TargetRow kTargets[] = {
#define FUZZ_TARGET(name) {#name, &name##_fuzzer},
#include "tests/fuzz/targets.h"
#undef FUZZ_TARGET
};

std::ostream& operator<<(std::ostream& stream, const TargetRow& row) {
    return stream << row.name;
}

// The bytes have a heap block of their own, so that the sanitizer sees a read past their end.
void run(const TargetRow& target, std::string_view bytes) {
    const std::vector<std::uint8_t> copy(bytes.begin(), bytes.end());
    target.run(copy.data(), copy.size());
}

std::vector<fs::path> filesUnder(const fs::path& folder) {
    std::vector<fs::path> out;
    for (const auto& entry : fs::recursive_directory_iterator(folder)) {
        if (entry.is_regular_file()) out.push_back(entry.path());
    }
    std::sort(out.begin(), out.end());
    return out;
}

class EveryTarget : public testing::TestWithParam<TargetRow> {
protected:
    static fs::path corpus() { return "tests/fuzz/corpus/" + std::string(GetParam().name); }
};

TEST_P(EveryTarget, TakesItsCorpus) {
    for (const fs::path& file : filesUnder(corpus())) {
        EXPECT_NO_THROW(run(GetParam(), textOf(file))) << file;
    }
    EXPECT_NO_THROW(run(GetParam(), {}));
}

TEST_P(EveryTarget, SurvivesEveryTruncationAndEveryFlippedBit) {
    const std::string good = textOf(corpus() / "small");
    ASSERT_GT(good.size(), 0U);
    ASSERT_LE(good.size(), 1024U) << "every bit of it is tried";
    for (std::size_t length = 0; length < good.size(); ++length) {
        EXPECT_NO_THROW(run(GetParam(), good.substr(0, length))) << length;
    }
    for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
        std::string flipped = good;
        flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << (bit % 8)));
        EXPECT_NO_THROW(run(GetParam(), flipped)) << "bit " << bit;
    }
}

INSTANTIATE_TEST_SUITE_P(Targets, EveryTarget, testing::ValuesIn(kTargets),
                         [](const auto& each) { return std::string(each.param.name); });

// Which targets take a file of that name.
constexpr std::pair<std::string_view, std::string_view> kTargetsOfFiles[] = {
    {".gguf", "gguf"},
    {".gguf", "gguf_matrix"},
    {".gguf", "gguf_vocabulary"},
    {".safetensors", "safetensors"},
    {"adapter_config.json", "adapter_folder"},
    {".index.json", "checkpoint"},
    {"tokenizer.json", "tokenizer_json"},
    {".json", "json"},
};

void runTargetsOf(const fs::path& file) {
    for (const auto& [end, name] : kTargetsOfFiles) {
        if (!file.filename().string().ends_with(end)) continue;
        for (const TargetRow& target : kTargets) {
            if (target.name == name) run(target, textOf(file));
        }
    }
}

void openAsUsersDo(const fs::path& folder) {
    const std::function<void()> openings[] = {[&] { Checkpoint::open(folder); },
                                              [&] { AdapterFolder::open(folder); },
                                              [&] { Tokenizer::load(folder); }};
    for (const auto& open : openings) {
        try {
            open();
        } catch (const Error&) {
        }
    }
}

struct Cost {
    double seconds = 0.0;
    long kilobytes = 0;  // the most that were resident
};

// In a process of its own, which begins with what this one holds.
Cost costOf(const std::function<void()>& work) {
    const auto begin = std::chrono::steady_clock::now();
    const pid_t child = ::fork();
    if (child == 0) {
        try {
            work();
        } catch (...) {
            ::_exit(1);
        }
        ::_exit(0);
    }
    int status = -1;
    rusage used = {};
    EXPECT_EQ(::wait4(child, &status, 0, &used), child);
    EXPECT_EQ(status, 0);
    return {std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count(),
            used.ru_maxrss};
}

TEST(MalformedFiles, CostASecondAnd64MegabytesAtMost) {
    REQUIRE_SHARED(folder, "data/compressed/malformed");
    const long baseline = costOf([] {}).kilobytes;
    Cost worst;
    std::set<fs::path> opened;
    const auto check = [&](const fs::path& path, const std::function<void()>& work) {
        const Cost cost = costOf(work);
        EXPECT_LE(cost.seconds, 1.0) << path;
        EXPECT_LE(cost.kilobytes - baseline, 64 * 1024) << path;
        worst = {std::max(worst.seconds, cost.seconds),
                 std::max(worst.kilobytes, cost.kilobytes - baseline)};
    };
    for (const fs::path& file : filesUnder(folder)) {
        check(file, [&] { runTargetsOf(file); });
        const fs::path home = file.parent_path();
        if (home.parent_path().filename() == "checkpoints" && opened.insert(home).second)
            check(home, [&] { openAsUsersDo(home); });
    }
    EXPECT_GT(opened.size(), 0U);
    std::cout << "worst: " << worst.seconds << " s, " << worst.kilobytes << " KB\n";
}

}  // namespace
}  // namespace driftlens
