#include "ui/models/audit_text.h"

#include "core/base/error.h"
#include "ui/widgets/text.h"

#include <QCoreApplication>

#include <cmath>

namespace driftlens {
namespace {

using namespace Qt::StringLiterals;

QString tr(const char* text) {
    return QCoreApplication::translate("driftlens::AuditText", text);
}

// What "nothing altered" rests on belongs into the same line.
QString groundOf(const AuditVerification& found) {
    if (!found.checkpoint) return tr("against no checkpoint");
    return found.checkpoint->isHeld
               ? tr("since the checkpoint that you hold (%1 records)").arg(found.checkpoint->size)
               : tr("as far as the checkpoint beside the log tells");
}

QString lineOf(const AuditVerification& found) {
    if (found.status == "ok")
        return tr("✔ VERIFIED: %1 records, nothing altered, %2")
            .arg(QString::number(found.records), groundOf(found));
    if (found.status == "tampered") {
        return found.firstBadRecord
                   ? tr("✘ TAMPERED: first bad record %1").arg(*found.firstBadRecord)
                   : tr("✘ TAMPERED: this is not what was written");
    }
    if (found.status == "truncated")
        return tr("✘ TRUNCATED: records of the checkpoint are missing, %1 are left")
            .arg(found.records);
    if (found.status == "erased")
        return tr("▲ ERASED: %1 parts were taken away on record; the other %2 records are whole")
            .arg(found.erased)
            .arg(found.records);
    if (found.status == "unsigned")
        return tr("▲ UNSIGNED: %1 records, whoever has the file could have written them")
            .arg(found.records);
    return tr("✘ UNREADABLE: nothing can be said about this log");
}

QString checkpointText(const AuditVerification& found) {
    if (!found.checkpoint) return tr("Checked against no checkpoint.\n");
    const AuditCheckpoint& checkpoint = *found.checkpoint;
    return (checkpoint.isHeld ? tr("Checked against the checkpoint that you hold: %1 records.\n")
                              : tr("Checked against the checkpoint beside the log: %1 records.\n"))
               .arg(checkpoint.size) +
           tr("Root %1\nKey %2\n")
               .arg(qtText(checkpoint.root),
                    checkpoint.key.empty() ? tr("none that fits") : qtText(checkpoint.key));
}

QString countText(const AuditVerification& found) {
    QString out;
    const auto count = [&out](const QString& what, std::int64_t number) {
        if (number > 0) out += what.arg(number) + u'\n';
    };
    count(tr("Runs that started and never ended: %1"), found.unmatchedStarts);
    count(tr("Records after the last checkpoint: %1"), found.unsignedRecords);
    count(tr("Times that records were signed later than written: %1"), found.signedLate);
    count(tr("Records whose clock was behind that of an earlier one: %1"), found.clockSetBack);
    return out;
}

QString payloadText(const AuditLog& log, const AuditRecord& record) {
    const Json json = Json::parse(record.canonical, nullptr, false);
    if (!json.is_object() || !json.contains("commitments")) return {};
    QString out;
    for (const auto& each : json["commitments"].items()) {
        QString value;
        try {
            const auto bytes = log.payload(record.seq, each.key());
            value = bytes ? qtText(*bytes) : tr("(erased)");
        } catch (const Error& error) {
            value = tr("✘ %1").arg(qtText(error.what()).section(u'\n', 0, 0));
        }
        out += tr("\nPayload %1: %2\n").arg(qtText(each.key()), value);
    }
    return out;
}

QString words(std::string_view name) {
    return qtText(name).replace(u'_', u' ');
}

QString resultLine(const RerunResult& result) {
    QString out =
        u"%1: %2 (%3 numbers"_s.arg(words(rerunVerdictName(result.verdict)), qtText(result.name))
            .arg(result.numbers);
    if (!result.field.empty() && !std::isfinite(result.difference)) {
        out += tr("; %1 is another").arg(qtText(result.field));
    } else if (!result.field.empty()) {
        out += tr("; largest difference %1 at %2[%3], tolerance %4")
                   .arg(result.difference)
                   .arg(qtText(result.field))
                   .arg(result.index)
                   .arg(result.tolerance);
    }
    return out + u")\n"_s;
}

}  // namespace

AuditVerdict verdictOf(const AuditVerification& found, const AuditTrust& trust) {
    AuditVerdict out;
    out.weight = found.status == "ok"                                     ? Weight::Good
                 : found.status == "erased" || found.status == "unsigned" ? Weight::Caution
                                                                          : Weight::Bad;
    out.line = lineOf(found);
    for (const AuditFinding& finding : found.findings) {
        if (finding.record) out.details += tr("Record %1: ").arg(*finding.record);
        out.details += qtText(finding.what) + u'\n';
    }
    out.details += checkpointText(found);
    out.details += trust.publicKeyFile
                       ? tr("Your key: %1\n").arg(qtText(trust.publicKeyFile->string()))
                       : tr("You gave no key: the one beside the log was believed.\n");
    out.details +=
        countText(found) + tr("Head %1\nThis check cannot detect:\n").arg(qtText(found.head));
    for (const std::string& limit : found.cannotDetect)
        out.details += u"  – "_s + qtText(limit) + u'\n';
    return out;
}

AuditVerdict verdictOf(const Rerun& rerun) {
    AuditVerdict out;
    if (rerun.results.empty()) {
        out.weight = Weight::Bad;
        out.line = tr("✘ NOT RUN: the log is %1").arg(words(rerun.logStatus));
        out.details = qtText(rerun.logFinding);
        return out;
    }
    const bool differs = rerun.verdict == RerunVerdict::Differing;
    out.weight = differs ? Weight::Bad : Weight::Good;
    out.line = (differs ? tr("✘ RERUN: %1") : tr("✔ RERUN: %1")).arg(words(rerun.status()));
    for (const RerunResult& result : rerun.results) out.details += resultLine(result);
    for (const EnvironmentDifference& each : rerun.environment)
        out.details += tr("%1: %2 then, %3 now\n")
                           .arg(words(each.what), qtText(each.recorded), qtText(each.now));
    out.details += rerun.record ? tr("On record %1.\n").arg(*rerun.record)
                                : tr("Not on record: %1\n").arg(qtText(rerun.whyNoRecord));
    return out;
}

std::vector<ShownRecord> readRecords(const AuditLog& log, const std::string& runId) {
    std::vector<ShownRecord> out;
    for (const AuditRecord& record : log.records(runId)) {
        const QString details = tr("Record %1, %2\n%3\nLeaf %4\n\n%5\n")
                                    .arg(record.seq)
                                    .arg(qtText(record.type), qtText(record.timeUtc),
                                         qtText(toHex(record.leaf)), qtText(record.body.dump(2)));
        out.push_back({record.seq, qtText(record.type), qtText(record.timeUtc),
                       details + payloadText(log, record)});
    }
    return out;
}

QString erasureText(const Erasure& done) {
    if (done.record == 0) return tr("Nothing was left to erase.");
    QString out = tr("Erased %1 payloads and %2 vectors, on record %3.")
                      .arg(done.payloads)
                      .arg(done.blobs)
                      .arg(done.record);
    for (const EarlierExport& each : done.exports)
        out += tr("\nOut of reach, exported before: %1").arg(qtText(each.file));
    return out;
}

}  // namespace driftlens
