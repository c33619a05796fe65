// Model folders that are wrong in one way each, independently made.
#include "core/model/loader.h"

#include "core/base/error.h"
#include "core/families/family.h"
#include "tests/support/fixtures.h"

#include <gtest/gtest.h>

#include <cstdio>

namespace driftlens {
namespace {

TEST(MalformedCheckpoints, AreRefusedByName) {
    REQUIRE_SHARED(folder, "data/compressed/malformed");
    const Json cases = readJsonFile(folder / "expected.json")["cases"];
    int refused = 0;
    for (const auto& [name, expected] : cases.items()) {
        if (!name.starts_with("checkpoints/") || expected["must"] != "refuse") continue;
        try {
            loadModel(Checkpoint::open(folder / name));
            ADD_FAILURE() << name << " was accepted: " << expected["wrong"];
        } catch (const Error& error) {
            EXPECT_NE(error.kind(), ErrorKind::Internal) << error.what();
            const std::string last = std::filesystem::path(name).filename();
            EXPECT_NE(std::string(error.what()).find(last), std::string::npos) << error.what();
            ++refused;
        }
    }
    EXPECT_GE(refused, 40);
    EXPECT_NO_THROW(loadModel(Checkpoint::open(folder / "checkpoints/index-ok")));
}

class EveryFamily : public ::testing::TestWithParam<FamilyEntry> {};

// An empty config names the first size that it lacks; no family guesses one.
TEST_P(EveryFamily, NamesTheSizeThatIsMissing) {
    const Json config = {{"model_type", GetParam().modelType}, {"text_config", Json::object()}};
    const JsonObject object(config, "config.json");
    EXPECT_EQ(familyOf(object).modelType, GetParam().modelType);
    try {
        GetParam().readConfig(object);
        FAIL() << "accepted";
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::InputFile);
        EXPECT_NE(std::string(error.what()).find("vocab_size"), std::string::npos) << error.what();
    }
}

INSTANTIATE_TEST_SUITE_P(Registry, EveryFamily, ::testing::ValuesIn(families()),
                         [](const auto& row) {
                             std::string name(row.param.modelType);
                             for (char& c : name) c = c == '-' ? '_' : c;
                             return name;
                         });

}  // namespace
}  // namespace driftlens
