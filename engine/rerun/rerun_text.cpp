#include "engine/rerun/rerun_text.h"

#include <cmath>
#include <sstream>

namespace driftlens {
namespace {

std::string words(std::string_view name) {
    std::string out(name);
    for (char& c : out)
        if (c == '_') c = ' ';
    return out;
}

std::string resultText(const RerunResult& result) {
    std::ostringstream out;
    out << "  " << words(rerunVerdictName(result.verdict)) << ": " << result.name << " ("
        << result.numbers << " numbers";
    if (!result.field.empty() && !std::isfinite(result.difference)) {
        out << "; " << result.field << " is another";
    } else if (!result.field.empty()) {
        out << "; largest difference " << result.difference << " at " << result.field << "["
            << result.index << "], tolerance " << result.tolerance;
    }
    out << ")\n";
    return out.str();
}

}  // namespace

std::string rerunText(const Rerun& rerun) {
    std::ostringstream out;
    out << "run      " << rerun.runId << (rerun.verb.empty() ? "" : ", " + rerun.verb)
        << "\nlog      " << rerun.logStatus << ", " << rerun.logRecords << " records\n";
    if (rerun.results.empty()) {
        out << rerun.logFinding << "\nNothing was computed: audit verify says more.\n";
        return out.str();
    }
    out << "digests  " << rerun.files.size() << " files, " << rerun.payloads << " payloads, "
        << rerun.blobs << " blobs: as recorded\n";
    for (const RerunResult& result : rerun.results) out << resultText(result);
    if (!rerun.environment.empty()) out << "Why bits may differ:\n";
    for (const EnvironmentDifference& each : rerun.environment) {
        out << "  " << words(each.what) << ": " << each.recorded << " then, " << each.now
            << " now\n";
    }
    if (!rerun.tolerance.empty()) out << "Tolerance: " << rerun.tolerance << ".\n";
    out << "verdict  " << words(rerun.status()) << "\nrecord   "
        << (rerun.record ? std::to_string(*rerun.record) : "none: " + rerun.whyNoRecord) << "\n";
    return out.str();
}

}  // namespace driftlens
