// What a preview and a run of one prompt do on the worker thread.
#pragma once

#include "engine/variants/variant.h"
#include "ui/models/preferences.h"
#include "ui/models/result.h"
#include "ui/models/session.h"

#include <string>
#include <utility>
#include <vector>

namespace driftlens {

// A question as plain values that the worker owns.
struct PromptOrder {
    Session session;
    Preferences preferences;
    std::vector<int> excluded;  // rows that cannot be loaded
    bool isRun = false;         // else a preview, which is never logged
};

struct PromptOutcome {
    std::shared_ptr<Result> result;
    // Models that load but cannot be compared with the reference, by their text, and why.
    std::vector<std::pair<QString, QString>> problems;
};

// The session's methods, and those that the Attention tab draws. Throws as the engine does.
PromptOutcome computePrompt(const PromptOrder& order, VariantLoader& loader,
                            const RunContext& context);

// The same by a method that takes one or two passes, for a first look.
PromptOutcome computeFirstLook(const PromptOrder& order, VariantLoader& loader,
                               const RunContext& context);

}  // namespace driftlens
