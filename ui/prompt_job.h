// What a preview and a run of one prompt do on the worker thread.
#pragma once

#include "engine/variants/variant.h"
#include "ui/models/preferences.h"
#include "ui/models/result.h"
#include "ui/models/session.h"

#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace driftlens {

class AuditLog;

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

// Null for an empty name; makes the folder. Throws Error(Io) and what the log throws.
std::unique_ptr<AuditLog> openRunLog(const std::filesystem::path& file);

// The session's methods, and those that the Attention tab draws. Throws as the engine does.
PromptOutcome computePrompt(const PromptOrder& order, VariantLoader& loader,
                            const RunContext& context);

// The same by a method that takes one or two passes, for a first look.
PromptOutcome computeFirstLook(const PromptOrder& order, VariantLoader& loader,
                               const RunContext& context);

}  // namespace driftlens
