#include "ui/models/command_line.h"

#include "reports/export/report_export.h"
#include "ui/models/text_files.h"

namespace driftlens {
namespace {

using Words = std::vector<std::string>;

std::string argumentOf(const VariantSpec& spec) {
    return spec.steps.empty() ? spec.path.string() : spec.path.string() + "@" + spec.schemeText();
}

Words modelsOf(const VariantSpec& reference, const std::vector<VariantSpec>& variants) {
    Words out = {argumentOf(reference)};
    for (const VariantSpec& variant : variants) out.push_back(argumentOf(variant));
    return out;
}

void add(Words& out, const char* option, const std::string& value) {
    if (value.empty()) return;
    out.emplace_back(option);
    out.push_back(value);
}

void add(Words& out, const char* option, const QString& value) {
    add(out, option, value.toStdString());
}

void addTarget(Words& out, const Session& session) {
    add(out, "--target", session.target);
    add(out, "--quantity", session.quantity);
}

void addTexts(Words& out, const Session& session, const QStringList& methods) {
    for (const auto& [option, argument] : textArguments(session, methods))
        add(out, ("--" + option).c_str(), argument);
}

void addLines(Words& out, const char* option, const QString& lines) {
    for (const QString& line : lines.split(u'\n')) add(out, option, line.trimmed());
}

}  // namespace

std::string promptCommand(const VariantSpec& reference, const std::vector<VariantSpec>& variants,
                          const Session& session, const std::vector<std::string>& methods) {
    Words out = modelsOf(reference, variants);
    add(out, "--prompt", session.prompt);
    addTarget(out, session);
    for (const std::string& method : methods) add(out, "--method", method);
    addTexts(out, session, session.methods);
    if (!session.metrics.isEmpty()) out.push_back("--metrics=" + session.metrics.toStdString());
    add(out, "--log", session.log);
    return quotedCommand("compare", out);
}

std::string datasetCommand(const VariantSpec& reference, const std::vector<VariantSpec>& variants,
                           const Session& session, const DatasetSetup& setup) {
    Words out = modelsOf(reference, variants);
    add(out, "--data", session.data);
    add(out, "--text", setup.text);
    add(out, "--label", setup.label);
    add(out, "--slice", setup.slice);
    add(out, "--cluster", setup.cluster);
    if (setup.most > 0) add(out, "--most", std::to_string(setup.most));
    addTarget(out, session);
    const QStringList methods =
        setup.method.isEmpty() ? session.methods : QStringList{setup.method};
    for (const QString& method : methods) add(out, "--method", method);
    addTexts(out, session, methods);
    add(out, "--primary", setup.primary);
    if (!setup.withYardsticks) add(out, "--yardsticks", std::string("none"));
    if (setup.truncates) out.emplace_back("--truncate");
    addLines(out, "--margin", setup.margins);
    addLines(out, "--fail-if", setup.gates);
    add(out, "--log", session.log);
    return quotedCommand("compare", out);
}

}  // namespace driftlens
