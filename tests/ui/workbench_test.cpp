// The desktop program as a user starts it, without a screen: it compares, logs, and shows.
#include "core/base/json.h"
#include "tests/support/program.h"

#include <QColor>
#include <QImage>

#include <gtest/gtest.h>

namespace driftlens {
namespace {

const std::string kModel = "samples/sentiment-bert-mini";

class Workbench : public ::testing::Test {
protected:
    Workbench() { ::setenv("QT_QPA_PLATFORM", "offscreen", 1); }

    ProgramResult compare(const std::string& prompt, const std::string& method) const {
        return runProgram(
            DRIFTLENS_GUI_PROGRAM,
            {kModel, kModel + "@int4:group=32", kModel + "@prune_magnitude:sparsity=0.85",
             "--prompt", prompt, "--method", method, "--log", file("audit.db"), "--screenshot",
             file("window.png")},
            m_scratch);
    }
    std::string file(const std::string& name) const { return m_scratch / name; }
    Json command(const std::vector<std::string>& arguments) const {
        return Json::parse(runProgram(DRIFTLENS_PROGRAM, arguments, m_scratch).out);
    }

private:
    ScratchFolder m_scratch;
};

TEST_F(Workbench, ComparesAndLogsAsTheCommandLineDoes) {
    const std::string prompt = "My friend praised the poster , but the room was not clever at all";
    const ProgramResult shown = compare(prompt, "occlusion:replace=pad");
    ASSERT_EQ(shown.exitCode, 0) << shown.err;
    EXPECT_EQ(command({"audit", "verify", file("audit.db"), "--json"})["status"], "ok");
    // What the window logged is what the command line computes.
    const Json logged = command({"report", file("audit.db"), "--json"})["comparison"];
    const Json computed = command({"compare", kModel, kModel + "@int4:group=32",
                                   kModel + "@prune_magnitude:sparsity=0.85", "--prompt", prompt,
                                   "--method", "occlusion:replace=pad", "--batch",
                                   std::to_string(logged["batch"].get<int>()), "--json"});
    EXPECT_EQ(logged["target"], computed["target"]);
    for (std::size_t i = 0; i < 2; ++i) {
        EXPECT_EQ(logged["variants"][i]["fidelity"], computed["variants"][i]["fidelity"]);
        EXPECT_EQ(logged["variants"][i]["explanations"][0],
                  computed["variants"][i]["explanations"][0]);
    }
}

TEST_F(Workbench, ShowsColouredStripsAndAnswers) {
    ASSERT_EQ(compare("The film was not bad at all", "occlusion").exitCode, 0);
    const QImage window(QString::fromStdString(file("window.png")));
    ASSERT_GT(window.width(), 1000);
    ASSERT_GT(window.height(), 600);
    // Positive scores are orange, the bars of answers violet; the form has neither.
    int orange = 0;
    int violet = 0;
    for (int y = 0; y < window.height(); y += 3) {
        for (int x = 0; x < window.width(); x += 3) {
            const QColor colour = window.pixelColor(x, y);
            if (colour.hslSaturationF() < 0.2F || colour.lightnessF() > 0.9F) continue;
            orange += colour.hue() >= 15 && colour.hue() <= 40 ? 1 : 0;
            violet += colour.hue() >= 255 && colour.hue() <= 300 ? 1 : 0;
        }
    }
    EXPECT_GT(orange, 50);
    EXPECT_GT(violet, 50);
}

TEST_F(Workbench, SaysWhenItsWindowIsThere) {
    const ProgramResult result =
        runProgram(DRIFTLENS_GUI_PROGRAM, {"--bench-start"}, ScratchFolder());
    EXPECT_EQ(result.exitCode, 0) << result.err;
    EXPECT_NE(result.out.find("a key taken"), std::string::npos) << result.out;
}

TEST_F(Workbench, SaysInOneLineWhatIsWrong) {
    const ProgramResult result = runProgram(
        DRIFTLENS_GUI_PROGRAM,
        {"absent", "--prompt", "x", "--log", "", "--screenshot", file("w.png")}, ScratchFolder());
    EXPECT_EQ(result.exitCode, 3);
    EXPECT_NE(result.err.find("absent: no such file"), std::string::npos) << result.err;
    EXPECT_EQ(compare("x", "magic").exitCode, 2);
}

}  // namespace
}  // namespace driftlens
