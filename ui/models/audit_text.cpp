#include "ui/models/audit_text.h"

#include "core/base/error.h"
#include "engine/audit/words.h"
#include "engine/rerun/rerun_text.h"
#include "reports/document/json_view.h"
#include "ui/models/card_text.h"
#include "ui/widgets/text.h"

#include <QCoreApplication>

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

Weight weightOf(std::string_view status) {
    if (status == "ok") return Weight::Good;
    return status == "erased" || status == "unsigned" ? Weight::Caution : Weight::Bad;
}

// "✔ VERIFIED": of a status as verification and reports give it.
QString wordOf(std::string_view status) {
    return marked(weightOf(status), status == "ok" ? tr("VERIFIED") : qtText(status).toUpper());
}

QString sentenceOf(const AuditVerification& found) {
    if (found.status == "ok")
        return tr("%1 records, nothing altered, %2")
            .arg(QString::number(found.records), groundOf(found));
    if (found.status == "tampered") {
        return found.firstBadRecord ? tr("first bad record %1").arg(*found.firstBadRecord)
                                    : tr("this is not what was written");
    }
    if (found.status == "truncated")
        return tr("records of the checkpoint are missing, %1 are left").arg(found.records);
    if (found.status == "erased")
        return tr("%1 parts were taken away on record; the other %2 records are whole")
            .arg(found.erased)
            .arg(found.records);
    if (found.status == "unsigned")
        return tr("%1 records, whoever has the file could have written them").arg(found.records);
    return tr("nothing can be said about this log");
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

}  // namespace

AuditVerdict verdictOf(const AuditVerification& found, const AuditTrust& trust) {
    AuditVerdict out;
    out.weight = weightOf(found.status);
    out.word = wordOf(found.status);
    out.text = sentenceOf(found);
    out.details =
        (trust.publicKeyFile ? tr("Your key: %1\n").arg(qtText(trust.publicKeyFile->string()))
                             : tr("You gave no key: the one beside the log was believed.\n")) +
        qtText(verificationText(found));
    return out;
}

AuditVerdict verdictOf(const Rerun& rerun) {
    AuditVerdict out;
    if (rerun.results.empty()) {
        out.weight = Weight::Bad;
        out.word = tr("✘ NOT RUN");
        out.text = tr("the log is %1").arg(words(rerun.logStatus));
        out.details = qtText(rerun.logFinding);
        return out;
    }
    const bool differs = rerun.verdict == RerunVerdict::Differing;
    out.weight = differs ? Weight::Bad : Weight::Good;
    out.word = differs ? tr("✘ RERUN") : tr("✔ RERUN");
    out.text = words(rerun.status());
    out.details = qtText(rerunText(rerun));
    return out;
}

AuditVerdict verdictOfEvidence(const Json& report) {
    const Json& evidence = memberOf(report, "evidence");
    if (!evidence.is_object())
        return {Weight::Caution,
                tr("▲ NOT ON RECORD"),
                tr("No log has this result, so nothing in the report proves it. Run it with a log "
                   "(Ctrl+Return), then report again."),
                {}};
    const QString status = qtText(textOf(memberOf(evidence, "status")));  // "ok, 12 records"
    const std::string name = status.section(u", "_s, 0, 0).toStdString();
    AuditVerdict out{weightOf(name), wordOf(name), {}, {}};
    out.text = tr("%1 in %2, run %3. %4")
                   .arg(status.section(u", "_s, 1), qtText(textOf(memberOf(evidence, "log"))),
                        qtText(textOf(memberOf(evidence, "run"))),
                        qtText(textOf(memberOf(evidence, "proofs_note"))));
    for (const Json& finding : memberOf(evidence, "findings"))
        out.details += qtText(textOf(finding)) + u'\n';
    return out;
}

std::vector<ShownRecord> readRecords(const AuditLog& log, const std::string& runId,
                                     std::int64_t after, std::int64_t most) {
    std::vector<ShownRecord> out;
    for (const AuditRecord& record : log.records(runId, after, most))
        out.push_back({record.seq, qtText(record.type), qtText(record.timeUtc)});
    return out;
}

QString readRecord(const AuditLog& log, const std::string& runId, std::int64_t seq) {
    const std::vector<AuditRecord> found = log.records(runId, seq - 1, 1);
    if (found.empty() || found.front().seq != seq) return {};
    const AuditRecord& record = found.front();
    return tr("Record %1, %2\n%3\nLeaf %4\n\n%5\n")
               .arg(record.seq)
               .arg(qtText(record.type), qtText(record.timeUtc), qtText(toHex(record.leaf)),
                    qtText(record.body.dump(2))) +
           payloadText(log, record);
}

}  // namespace driftlens
