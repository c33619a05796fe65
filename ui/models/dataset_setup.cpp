#include "ui/models/dataset_setup.h"

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/files/data_file.h"
#include "engine/drift/endpoint.h"
#include "ui/models/text_files.h"

#include <functional>
#include <utility>

namespace driftlens {
namespace {

using namespace Qt::StringLiterals;

std::optional<LineProblem> firstProblem(const QString& text,
                                        const std::function<void(const QString&)>& check) {
    const QStringList lines = text.split(u'\n');
    for (int i = 0; i < lines.size(); ++i) {
        const QString line = lines[i].trimmed();
        if (line.isEmpty()) continue;
        try {
            check(line);
        } catch (const Error& error) {
            return LineProblem{i, QString::fromUtf8(error.what())};
        }
    }
    return std::nullopt;
}

std::pair<std::string, double> parseMargin(const QString& line) {
    bool isNumber = false;
    const double value = line.section(u'=', 1).trimmed().toDouble(&isNumber);
    const std::string metric = line.section(u'=', 0, 0).trimmed().toStdString();
    if (!isNumber || !(value > 0.0) || metric.empty())
        throw Error(ErrorKind::Usage,
                    "margin " + inQuotes(line.toStdString()) + " is no METRIC=NUMBER above 0");
    endpointInfo(metric);
    return {metric, value};
}

std::optional<std::string> named(const QString& column) {
    return column.isEmpty() ? std::nullopt : std::optional(column.toStdString());
}

}  // namespace

std::optional<LineProblem> gateProblem(const QString& gates) {
    return firstProblem(gates, [](const QString& line) { parseGate(line.toStdString()); });
}

std::optional<LineProblem> marginProblem(const QString& margins) {
    return firstProblem(margins, [](const QString& line) { parseMargin(line); });
}

std::map<std::string, double> marginsOf(const QString& margins) {
    std::map<std::string, double> out;
    for (const QString& line : margins.split(u'\n'))
        if (!line.trimmed().isEmpty()) out.insert(parseMargin(line.trimmed()));
    return out;
}

double primaryMargin(const DatasetSetup& setup) {
    const std::map<std::string, double> margins = marginsOf(setup.margins);
    const std::string primary = setup.primary.toStdString();
    const auto found = margins.find(primary);
    return found == margins.end() ? endpointInfo(primary).margin : found->second;
}

QStringList primaryMetrics() {
    QStringList out;
    bool isOfExplanations = false;  // they stand together in the table
    for (const EndpointInfo& each : endpointTable()) {
        isOfExplanations = isOfExplanations || each.id == "spearman";
        if (each.id == "attention_js") break;
        const QString id =
            QString::fromUtf8(each.id.data(), static_cast<qsizetype>(each.id.size()));
        if (isOfExplanations) out.push_back(each.id == "jaccard" ? u"jaccard@5"_s : id);
    }
    return out;
}

DatasetRequest datasetRequest(const DatasetSetup& setup, const Session& session,
                              const Preferences& preferences) {
    DatasetRequest out;
    out.prompt.target.text = session.target.toStdString();
    out.prompt.target.quantity = parseQuantity(session.quantity.toStdString());
    const QStringList methods =
        setup.method.isEmpty() ? session.methods : QStringList{setup.method};
    for (const QString& method : methods)
        out.prompt.methods.push_back(MethodRequest::parse(method.toStdString()));
    out.prompt.concepts = conceptsOf(session, methods);
    out.prompt.compute.threads = preferences.threads;
    out.prompt.compute.memoryBytes = static_cast<std::uint64_t>(preferences.memoryMib) << 20;
    out.rows.file = session.data.toStdString();
    out.rows.textColumn = named(setup.text);
    out.rows.labelColumn = named(setup.label);
    out.rows.sliceColumn = named(setup.slice);
    out.rows.clusterColumn = named(setup.cluster);
    out.rows.most = static_cast<std::uint64_t>(std::max(0, setup.most));
    out.truncates = setup.truncates;
    out.withYardsticks = setup.withYardsticks;
    out.primary = setup.primary.toStdString();
    out.resumes = setup.resumes.toStdString();
    for (const QString& line : setup.gates.split(u'\n'))
        if (!line.trimmed().isEmpty()) out.gates.push_back(parseGate(line.trimmed().toStdString()));
    out.margins = marginsOf(setup.margins);
    return out;
}

QStringList columnsOf(const QString& file) {
    QStringList out;
    for (const std::string& name : DataFile::columnNamesOf(file.toStdString()))
        out.push_back(QString::fromStdString(name));
    return out;
}

}  // namespace driftlens
