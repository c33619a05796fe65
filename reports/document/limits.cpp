#include "reports/document/limits.h"

#include "reports/document/json_view.h"

namespace driftlens {

std::string computeSentence(const Json& report) {
    const bool isDataset = report.contains("dataset");
    const Json& found = memberOf(report, isDataset ? "dataset" : "comparison");
    const std::string compute = textOf(valueAt(found, "/reference/compute"), "float32");
    if (!memberOf(found, "observed").empty()) {
        return "This explains dequantised weights in " + compute +
               "; answers of the deployed runtime were read in and are set beside them.";
    }
    return "This explains dequantised weights in " + compute +
           "; the deployed kernels were not checked.";
}

std::vector<std::string> limitsOf(const Json& report) {
    std::vector<std::string> out;
    if (report.contains("dataset")) {
        out.emplace_back(
            "The figures hold for these examples and for what they are drawn from; nothing is said "
            "about other texts.");
    } else {
        out.emplace_back("One prompt was compared: nothing is said about other prompts.");
        out.emplace_back(
            "“Above numerical noise” is not “matters”: no materiality margin was declared or "
            "tested.");
    }
    out.push_back(computeSentence(report));
    out.emplace_back(
        "An explanation describes a model's computation under its method's assumptions; it is no "
        "proof of a cause in the world.");
    out.emplace_back(
        "This report is evidence for a reviewer's judgement, not a statement of conformity with "
        "any rule.");
    if (!report.contains("evidence")) {
        out.emplace_back("The run was not logged: nothing protects these numbers.");
    } else if (valueAt(report, "/evidence/checkpoint").empty()) {
        out.emplace_back(
            "The log is not signed: whoever can write to it can have altered what it says of this "
            "run.");
    } else {
        out.emplace_back(
            "The log shows alteration after the last checkpoint that you hold. It cannot show that "
            "a run was left out, nor resist somebody who has both the key and every checkpoint.");
    }
    return out;
}

}  // namespace driftlens
