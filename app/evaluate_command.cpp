// evaluate.
#include "app/commands.h"
#include "app/dataset_options.h"
#include "core/base/display_text.h"
#include "core/base/text.h"
#include "engine/dataset/evaluate.h"

namespace driftlens {
namespace {

std::string rowsText(const EvaluatedFigures& figures, const std::string& indent) {
    std::string out;
    for (const auto& [name, figure] : figures) {
        std::string row = indent + name;
        row.resize(std::max<std::size_t>(row.size() + 1, 28), ' ');
        row += figure.value.value ? formatNumber(*figure.value.value, 5)
                                  : "– (" + figure.value.reason + ")";
        if (figure.interval.value) {
            row += "   95 % " + formatNumber(figure.interval.value->low, 4) + " to " +
                   formatNumber(figure.interval.value->high, 4);
        }
        out += row + "   (" + std::to_string(figure.examples) + " rows)\n";
    }
    return out;
}

std::string evaluationText(const Evaluation& e) {
    std::string out = e.model.name() + " (" + e.model.storedForm + "), " +
                      std::to_string(e.examples) + " rows of " + displayText(e.dataFile) + "\n";
    for (const std::string& note : e.notes) out += "note: " + displayText(note) + "\n";
    for (const std::string& warning : e.warnings) out += "warning: " + displayText(warning) + "\n";
    out += rowsText(e.figures, "  ");
    for (const auto& [name, figures] : e.slices)
        out += "  " + displayText(name) + "\n" + rowsText(figures, "    ");
    return out;
}

}  // namespace

int runEvaluate(const Arguments& arguments) {
    VerbOptions options("evaluate MODEL --data FILE",
                        "Accuracy, perplexity and calibration of a model on a data set.",
                        "driftlens evaluate models/base@int4 --data prompts.csv --slice source");
    options.positional("model", -1);
    addRowsOptions(options);
    addComputeOptions(options);
    addOutputOptions(options);
    if (!options.parse(arguments)) return kExitFine;
    if (!options.has("data")) throw Error(ErrorKind::Usage, "evaluate needs --data FILE");
    EvaluateRequest request;
    request.rows = readRowsRequest(options);
    request.compute = readComputeOptions(options);
    const Evaluation found =
        evaluateDataset(VariantSpec::parse(onlyModel(options)), request, terminalContext(options));
    emit(options, options.flag("json") ? toJson(found).dump(1) + "\n" : evaluationText(found));
    return kExitFine;
}

}  // namespace driftlens
