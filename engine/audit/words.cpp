#include "engine/audit/words.h"

#include "core/base/text.h"

namespace driftlens {

std::string authorityText(const AuditTimestamp& stamp) {
    return stamp.authority.empty() ? "an authority that it does not name"
                                   : inQuotes(stamp.authority, 300);
}

std::string verificationText(const AuditVerification& found) {
    std::string text = "status   " + found.status + "\nrecords  " + std::to_string(found.records) +
                       "\nhead     " + found.head + "\n";
    if (const auto& checkpoint = found.checkpoint) {
        text += "signed   " + std::to_string(checkpoint->size) + " records, root " +
                checkpoint->root + (checkpoint->isHeld ? ", checkpoint that you hold" : "") +
                "\nkey      " + (checkpoint->key.empty() ? "none that fits" : checkpoint->key) +
                "\n";
    }
    if (found.unmatchedStarts > 0) {
        text +=
            "runs that started and never ended: " + std::to_string(found.unmatchedStarts) + "\n";
    }
    if (found.signedLate > 0) {
        text += "times that records were signed later than written: " +
                std::to_string(found.signedLate) + "\n";
    }
    if (found.clockSetBack > 0) {
        text += "records whose clock was behind that of an earlier one: " +
                std::to_string(found.clockSetBack) + "\n";
    }
    for (const AuditTimestamp& stamp : found.timestamps) {
        text += "stamped  " + std::to_string(stamp.size) + " records, at " + stamp.time + " by " +
                authorityText(stamp) +
                (stamp.isTrusted ? "" : ", whose signature was not checked: give --ca") + "\n";
    }
    for (const AuditFinding& finding : found.findings) {
        text += (finding.record ? "record " + std::to_string(*finding.record) + ": " : "") +
                finding.what + "\n";
    }
    text += "This check cannot detect:\n";
    for (const std::string& limit : found.cannotDetect) text += "  - " + limit + "\n";
    return text;
}

std::string erasureText(const Erasure& done) {
    std::string text = done.record == 0 ? "nothing was left to erase\n"
                                        : "record   " + std::to_string(done.record) +
                                              "\nruns     " + std::to_string(done.runs) +
                                              "\npayloads " + std::to_string(done.payloads) +
                                              "\nblobs    " + std::to_string(done.blobs) + "\n";
    if (done.exports.empty()) return text;
    text += "Out of reach, for they were exported before:\n";
    for (const EarlierExport& each : done.exports) {
        text += "  record " + std::to_string(each.record) + ": " + inQuotes(each.file, 300) +
                " (sha256 " + each.sha256 + ")\n";
    }
    return text;
}

std::string exportText(const ExportSummary& done) {
    return std::to_string(done.records) + " records, " + std::to_string(done.payloads) +
           " payloads, " + std::to_string(done.blobs) + " blobs to " + done.file + "\nsha256 " +
           done.sha256 + ", on record " + std::to_string(done.record) + "\n";
}

}  // namespace driftlens
