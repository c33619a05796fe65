// What ./dev parity prints: every fixture model against transformers, quantity by quantity, and
// every tokenizer against its recorded encodings.
#include "core/base/error.h"
#include "tests/support/fixtures.h"
#include "tests/support/parity.h"
#include "tests/support/stored_cases.h"
#include "tests/support/tokenizer_cases.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <string_view>

namespace driftlens {
namespace {

// A column: the quantities whose names begin so.
struct Column {
    const char* title;
    std::string_view prefix;
};

constexpr std::array<Column, 6> kColumns = {{{"hidden states", "hidden_states"},
                                             {"attentions", "attentions"},
                                             {"router logits", "router_logits"},
                                             {"logits", "logits"},
                                             {"gradients", "grad_embeddings"},
                                             {"greedy ids", "greedy"}}};

double share(const ParityResult& result) {
    return result.tolerance > 0.0 ? result.difference / result.tolerance : result.difference;
}

// The largest difference of a column, of its tolerance; "-" where the model has no such quantity.
std::string cell(const std::vector<ParityResult>& results, std::string_view prefix) {
    const ParityResult* worst = nullptr;
    for (const ParityResult& result : results) {
        if (!result.quantity.starts_with(prefix)) continue;
        if (worst == nullptr || share(result) > share(*worst)) worst = &result;
    }
    if (worst == nullptr) return "-";
    if (worst->tolerance == 0.0) return worst->difference == 0.0 ? "equal" : "DIFFER";
    std::array<char, 64> text{};
    std::snprintf(text.data(), text.size(), "%.1e/%.1e%s", worst->difference, worst->tolerance,
                  worst->passes() ? "" : " !");
    return text.data();
}

int printTokenizers(const char* title, const std::vector<CaseCount>& rows) {
    std::size_t cases = 0, passed = 0;
    std::printf("\n%s\n", title);
    for (const CaseCount& row : rows) {
        std::printf("  %-56s %5zu of %5zu%s\n", row.tokenizer.c_str(),
                    row.cases - row.failed.size(), row.expected, row.passes() ? "" : "  !");
        cases += row.expected;
        passed += row.cases - row.failed.size();
    }
    std::printf("  %-56s %5zu of %5zu\n", "all", passed, cases);
    std::fflush(stdout);
    return static_cast<int>(cases - passed);
}

int printModels(const std::filesystem::path& folder) {
    std::printf("%-16s", "largest/allowed");
    for (const Column& column : kColumns) std::printf(" %-17s", column.title);
    std::printf("\n");
    int failed = 0;
    for (const std::string& name : tinyTextModels()) {
        const std::vector<ParityResult> results = compareWithGolden(folder / name);
        std::printf("%-16s", name.c_str());
        for (const Column& column : kColumns)
            std::printf(" %-17s", cell(results, column.prefix).c_str());
        std::printf("\n");
        std::fflush(stdout);
        failed += static_cast<int>(std::count_if(results.begin(), results.end(),
                                                 [](const auto& r) { return !r.passes(); }));
    }
    return failed;
}

// Logits of every compressed model, adapter and pruned checkpoint.
int printStored(const std::filesystem::path& compressed) {
    std::printf("\nlogits of compressed models, largest difference/allowed\n");
    int failed = 0, refused = 0, passed = 0;
    for (const std::string& name : storedCases()) {
        const StoredResult found = compareStored(compressed, name);
        if (!found.refusal.empty()) {
            std::printf("  %-44s refused: %s\n", name.c_str(), found.refusal.c_str());
            ++refused;
            continue;
        }
        std::printf("  %-44s %.1e/%.1e%s\n", name.c_str(), found.difference, found.tolerance,
                    found.passes() ? "" : " !");
        std::fflush(stdout);
        found.passes() ? ++passed : ++failed;
    }
    std::printf("  %d equal, %d refused by name, %d differ\n", passed, refused, failed);
    return failed;
}

}  // namespace
}  // namespace driftlens

int main() {
    const auto data = driftlens::sharedPath("data");
    if (!data) {
        std::fprintf(stderr, "parity: no fixtures at ../shared/data (set DRIFTLENS_SHARED)\n");
        return 1;
    }
    try {
        using namespace driftlens;
        int failed = printModels(*data / "hf-tiny");
        failed += printStored(*data / "compressed");
        failed += printTokenizers("ids, pieces, offsets, types, masks, decoded: tokenizers library",
                                  tinyTokenizers(*data));
        failed += printTokenizers("ids: transformers.js", transformersJsTokenizers(*data));
        failed += printTokenizers("ids: swift-transformers", swiftTokenizers(*data));
        failed += printTokenizers("ids and pieces: SQuAD", {bertQuestions(*data)});
        failed += printTokenizers("ids: llama.cpp's vocabularies", ggmlVocabularies(*data));
        std::printf("\n%d comparisons failed\n", failed);
        return failed == 0 ? 0 : 1;
    } catch (const driftlens::Error& error) {
        std::fprintf(stderr, "parity: %s\n", error.what());
        return 1;
    }
}
