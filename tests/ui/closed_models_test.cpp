// What a model takes is given back when it is closed. Told by the files that the process has
// mapped: weights stay on theirs, so whoever still holds a model, or a variant that shares a part
// of it, holds a mapping.
#include "tests/ui/window_fixture.h"

#include <filesystem>
#include <fstream>

namespace driftlens {
namespace {

using namespace Qt::StringLiterals;
namespace fs = std::filesystem;

class ClosedModels : public WindowTest {
protected:
    // A folder of the sample's own, so that no other test's model counts.
    QString copyOfSample(const std::string& name) {
        const fs::path place = path(name).toStdString();
        fs::copy(kSample.toStdString(), place, fs::copy_options::recursive);
        return QString::fromStdString(place.string());
    }
    // Parts of files below that folder which this process has mapped.
    static int mappingsOf(const QString& folder) {
        std::ifstream maps("/proc/self/maps");
        const std::string below = fs::canonical(folder.toStdString()).string() + "/";
        int out = 0;
        for (std::string line; std::getline(maps, line);)
            out += line.find(below) != std::string::npos ? 1 : 0;
        return out;
    }
    bool waitUntilUnmapped(const QString& folder) {
        return QTest::qWaitFor([&] { return mappingsOf(folder) == 0; }, kPatience);
    }
    void openAndRun(const QStringList& models) {
        Session session;
        for (const QString& model : models) session.models.push_back(SessionModel::parse(model));
        session.prompt = u"the film was clever"_s;
        session.methods = {u"input_x_gradient"_s};
        session.log = path("audit.db");
        window().setSession(session);
        ASSERT_TRUE(waitForLoads());
        workbench().run();
        ASSERT_TRUE(waitForRun());
        ASSERT_FALSE(workbench().result()->comparison.variants.empty());
    }
};

TEST_F(ClosedModels, ASessionThatIsClosedLeavesNoneBehind) {
    const QString model = copyOfSample("model");
    openAndRun({model, model + u"@int4:group=32"_s, model + u"@prune_magnitude:sparsity=0.5"_s});
    ASSERT_GT(mappingsOf(model), 0) << "the weights stay on their file";
    workbench().startSession({});
    EXPECT_TRUE(waitUntilUnmapped(model)) << mappingsOf(model) << " parts are still mapped";
}

TEST_F(ClosedModels, AModelThatIsRemovedGoesAndTheOthersStay) {
    const QString kept = copyOfSample("kept"), removed = copyOfSample("removed");
    openAndRun({kept, kept + u"@int8"_s, removed + u"@int4:group=32"_s});
    ASSERT_GT(mappingsOf(removed), 0);
    workbench().removeModels({2});
    EXPECT_TRUE(waitUntilUnmapped(removed)) << mappingsOf(removed) << " parts are still mapped";
    EXPECT_GT(mappingsOf(kept), 0);
    // Back again by undo, and gone again.
    workbench().undoStack().undo();
    ASSERT_TRUE(waitForLoads());
    EXPECT_GT(mappingsOf(removed), 0);
    workbench().undoStack().redo();
    EXPECT_TRUE(waitUntilUnmapped(removed));
}

}  // namespace
}  // namespace driftlens
