#include "tests/layering/include_rules.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <unistd.h>
#include <vector>

namespace driftlens::layering {
namespace {

namespace fs = std::filesystem;

// A small tree that keeps every rule, in a folder of its own that goes with the object.
class FabricatedTree {
public:
    FabricatedTree() {
        write("core/tensor.h", {"<ATen/core/Tensor.h>"});
        write("core/base/error.h", {"<string>"});
        write("core/files/safetensors.cpp", {"\"core/base/error.h\""});
        write("core/model/forward.h", {"\"core/tensor.h\"", "\"core/base/error.h\""});
        write("xai/methods/occlusion.h", {"\"core/model/forward.h\""});
        write("xai/faithfulness/curves.h", {"<vector>"});
        write("xai/metrics/rank.h", {"<vector>"});
        write("engine/compare/compare.h", {"\"core/base/error.h\""});
        write("engine/compare/compare.cpp",
              {"\"engine/compare/compare.h\"", "\"xai/methods/occlusion.h\""});
        write("engine/audit/log.cpp", {"<sqlite3.h>"});
        write("reports/html.cpp", {"\"engine/compare/compare.h\""});
        write("ui/window.cpp", {"<QWidget>", "\"reports/html.cpp\"", "\"window.moc\""});
        write("app/gui_main.cpp", {"<QApplication>"});
        write("samples/train.cpp", {"\"xai/methods/occlusion.h\""});
        write("tests/core/forward_test.cpp", {"\"core/model/forward.h\""});
        write("tests/xai/rank_test.cpp", {"\"xai/metrics/rank.h\""});
    }
    ~FabricatedTree() {
        std::error_code ignored;
        fs::remove_all(m_root, ignored);
    }
    FabricatedTree(const FabricatedTree&) = delete;
    FabricatedTree& operator=(const FabricatedTree&) = delete;

    void write(const std::string& file, const std::vector<std::string>& includes) const {
        fs::create_directories((m_root / file).parent_path());
        std::ofstream stream(m_root / file);
        for (const std::string& include : includes) {
            stream << "#include " << include << '\n';
        }
    }
    std::vector<std::string> violations() const { return findViolations(m_root); }

private:
    fs::path m_root =
        fs::temp_directory_path() / ("driftlens-layering-" + std::to_string(::getpid()));
};

struct Breach {
    std::string file;
    std::string include;
    std::string complaint;
};

std::ostream& operator<<(std::ostream& stream, const Breach& breach) {
    return stream << breach.file << " includes " << breach.include;
}

class EveryBreach : public testing::TestWithParam<Breach> {};

TEST_P(EveryBreach, IsTheOneViolationReported) {
    const FabricatedTree tree;
    tree.write(GetParam().file, {"<vector>", GetParam().include});
    const auto violations = tree.violations();
    ASSERT_EQ(violations.size(), 1U) << testing::PrintToString(violations);
    EXPECT_TRUE(violations.front().starts_with(GetParam().file + ":")) << violations.front();
    EXPECT_NE(violations.front().find(GetParam().complaint), std::string::npos)
        << violations.front();
}

INSTANTIATE_TEST_SUITE_P(
    Rules, EveryBreach,
    testing::Values(
        Breach{"core/model/a.cpp", "\"xai/metrics/rank.h\"", "core/ stands left of xai/"},
        Breach{"xai/a.cpp", "\"engine/compare/compare.h\"", "xai/ stands left of engine/"},
        Breach{"engine/a.cpp", "\"reports/html.cpp\"", "engine/ stands left of reports/"},
        Breach{"reports/a.cpp", "<ui/window.cpp>", "reports/ stands left of ui/"},
        Breach{"ui/a.cpp", "\"app/gui_main.cpp\"", "ui/ stands left of app/"},
        Breach{"app/a.cpp", "\"tests/xai/rank_test.cpp\"",
               "nothing but tests/ includes tests/ or samples/"},
        Breach{"xai/a.cpp", "\"samples/train.cpp\"",
               "nothing but tests/ includes tests/ or samples/"},
        Breach{"core/tokenizer/a.h", "\"xai/metrics/rank.h\"", "core/ stands left of xai/"},
        Breach{"core/files/a.h", "<c10/util/Half.h>", "-> c10/util/Half.h"},
        Breach{"xai/coalitions/a.cpp", "\"xai/metrics/rank.h\"", "coalitions know"},
        Breach{"xai/coalitions/a.h", "<c10/util/Half.h>", "-> c10/util/Half.h"},
        Breach{"xai/faithfulness/a.cpp", "\"xai/metrics/rank.h\"", "faithfulness knows"},
        Breach{"xai/faithfulness/a.h", "<c10/util/Half.h>", "-> c10/util/Half.h"},
        Breach{"xai/coalitions/a.cpp", "\"xai/faithfulness/curves.h\"", "coalitions know"},
        Breach{"xai/metrics/a.h", "\"engine/compare/compare.h\"", "xai/ stands left of engine/"},
        Breach{"xai/metrics/a.cpp", "<c10/util/Half.h>", "-> c10/util/Half.h"},
        Breach{"engine/drift/a.cpp", "\"engine/compare/compare.h\"", "drift knows"},
        Breach{"engine/drift/a.cpp", "<ATen/core/Tensor.h>", "reaches LibTorch"},
        Breach{"xai/a.cpp", "<torch/torch.h>", "banned"},
        Breach{"tests/a.cpp", "<ATen/ATen.h>", "banned"},
        Breach{"engine/a.cpp", "<QString>", "Qt stays"},
        Breach{"app/main.cpp", "<QtCore/qglobal.h>", "Qt stays"},
        Breach{"engine/compare/a.cpp", "<sqlite3.h>", "SQLite stays"},
        Breach{"engine/a.h", "\"core/tensor.h\"", "engine/a.h -> core/tensor.h"},
        Breach{"engine/a.h", "\"xai/methods/occlusion.h\"",
               "engine/a.h -> xai/methods/occlusion.h -> core/model/forward.h -> core/tensor.h"},
        Breach{"engine/audit/a.cpp", "\"core/model/forward.h\"", "reaches LibTorch"},
        Breach{"reports/a.cpp", "\"core/model/forward.h\"", "reaches LibTorch"},
        Breach{"ui/a.cpp", "<ATen/core/Tensor.h>", "reaches LibTorch"},
        Breach{"app/a.cpp", "\"xai/methods/occlusion.h\"", "reaches LibTorch"},
        Breach{"core/model/a.cpp", "\"core/model/absent.h\"", "no such file"},
        Breach{"core/model/a.cpp", "\"forward.h\"", "start at the repository root"},
        Breach{"core/model/a.cpp", "\"../../ui/window.cpp\"", "start at the repository root"},
        Breach{"core/model/a.cpp", "SOME_HEADER", "cannot be checked"}));

TEST(IncludeRules, AcceptATreeThatKeepsThem) {
    EXPECT_EQ(FabricatedTree().violations(), std::vector<std::string>());
}

TEST(IncludeRules, ReportTorchFreeCoreFromTheRestOfCore) {
    const FabricatedTree tree;
    tree.write("core/model/spec.h", {"<vector>"});
    tree.write("core/base/a.h", {"\"core/model/spec.h\""});
    const auto violations = tree.violations();
    ASSERT_EQ(violations.size(), 1U);
    EXPECT_NE(violations.front().find("know only each other"), std::string::npos);
}

TEST(IncludeRules, ReportMetricsThatKnowMethods) {
    const FabricatedTree tree;
    tree.write("xai/methods/settings.h", {"<vector>"});
    tree.write("xai/metrics/a.h", {"\"xai/methods/settings.h\""});
    const auto violations = tree.violations();
    ASSERT_EQ(violations.size(), 1U);
    EXPECT_NE(violations.front().find("metrics know"), std::string::npos);
}

TEST(IncludeRules, FindIndentedAndSpacedIncludes) {
    const FabricatedTree tree;
    tree.write("engine/a.cpp",
               {"<vector>\n#ifdef X\n  #  include   <torch/all.h>  // why\n#endif"});
    EXPECT_EQ(tree.violations().size(), 1U);
}

TEST(IncludeRules, HoldInThisTree) {
    ASSERT_TRUE(fs::exists("core/tensor.h")) << "run from the repository root";
    for (const std::string& violation : findViolations(".")) {
        ADD_FAILURE() << violation;
    }
}

}  // namespace
}  // namespace driftlens::layering
