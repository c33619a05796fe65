#include "ui/models/text_files.h"

#include "core/base/error.h"
#include "core/base/text.h"
#include "xai/methods/method.h"

#include <algorithm>

namespace driftlens {
namespace {

bool takes(const MethodEntry& method, const QString& option) {
    return std::any_of(method.files.begin(), method.files.end(), [&](const TextFileInfo& file) {
        return file.option == option.toStdString();
    });
}

std::string argumentOf(const SessionTexts& texts) {
    const bool isNamed = isNamedTextFile(texts.option.toStdString());
    return (isNamed ? texts.name + u'=' + texts.path : texts.path).toStdString();
}

// What the command line says of a name that it could not read back, as it is split at the first
// "="; empty: nothing is wrong.
std::string faultOf(const SessionTexts& texts) {
    if (texts.path.isEmpty() || !isNamedTextFile(texts.option.toStdString())) return "";
    if (!texts.name.isEmpty() && !texts.name.contains(u'=')) return "";
    const std::string fault =
        "--" + texts.option.toStdString() + " " + inQuotes(argumentOf(texts)) + " is no NAME=FILE";
    return texts.name.isEmpty() ? fault : fault + ": its name has a \"=\" of its own";
}

}  // namespace

const MethodEntry* methodOf(const QString& method) {
    const std::string id = method.section(u':', 0, 0).toStdString();
    const auto found = std::find_if(methods().begin(), methods().end(),
                                    [&](const MethodEntry& entry) { return entry.id == id; });
    return found == methods().end() ? nullptr : &*found;
}

std::vector<Argument> textArguments(const Session& session, const QStringList& methods) {
    std::vector<Argument> out;
    for (const SessionTexts& each : session.texts) {
        const bool isTaken = std::any_of(methods.begin(), methods.end(), [&](const QString& id) {
            const MethodEntry* method = methodOf(id);
            return method != nullptr && takes(*method, each.option);
        });
        if (!isTaken || each.path.isEmpty()) continue;
        if (const std::string fault = faultOf(each); !fault.empty())
            throw Error(ErrorKind::Usage, fault);
        out.emplace_back(each.option.toStdString(), argumentOf(each));
    }
    return out;
}

ConceptRequest conceptsOf(const Session& session, const QStringList& methods) {
    ConceptRequest out;
    for (const auto& [option, argument] : textArguments(session, methods))
        out.add(option, argument);
    return out;
}

QString lackOfTexts(const MethodEntry& method, const std::vector<SessionTexts>& texts) {
    for (const SessionTexts& each : texts) {
        const std::string fault = takes(method, each.option) ? faultOf(each) : "";
        if (!fault.empty()) return QString::fromStdString(fault);
    }
    for (const TextFileInfo& file : method.files) {
        const auto there = std::count_if(texts.begin(), texts.end(), [&](const SessionTexts& each) {
            return each.option.toStdString() == file.option && !each.path.isEmpty();
        });
        if (static_cast<std::size_t>(there) < file.least) return QString::fromUtf8(file.lack);
    }
    return {};
}

std::optional<MetricPlan> metricsOf(const Session& session) {
    if (session.metrics.isEmpty()) return std::nullopt;
    return parseMetrics(session.metrics.toStdString());
}

}  // namespace driftlens
