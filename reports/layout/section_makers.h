// One function per section, and what they share.
#pragma once

#include "reports/document/json_view.h"
#include "reports/layout/report_layout.h"

#include <string>
#include <vector>

namespace driftlens {

// The report, and in which detail it is shown. Keeps a reference.
class ReportView {
public:
    ReportView(const Json& report, Detail detail) : m_report(report), m_detail(detail) {}

    const Json& report() const { return m_report; }
    bool isDataset() const { return m_report.contains("dataset"); }
    bool isExact() const { return m_detail == Detail::Everything; }
    const Json& at(std::string_view path) const { return valueAt(m_report, path); }
    // The comparison or the data set.
    const Json& found() const { return at(isDataset() ? "/dataset" : "/comparison"); }

    // "–" (with the reason) where it is undefined; empty in tables for machines.
    std::string number(const Json& value, const std::string& reason = "") const;
    std::string number(double value) const;
    // Of an aggregate: {"value", "undefined", …}.
    std::string figure(const Json& figure) const;
    // A variant in tables and figures: on a page without the reference's name, which all share.
    std::string variantName(const Json& model) const;
    std::string interval(const Json& figure) const;

private:
    const Json& m_report;
    Detail m_detail;
};

using Blocks = std::vector<Block>;

Blocks coverBlocks(const ReportView& view);
Blocks verdictBlocks(const ReportView& view);
Blocks systemsBlocks(const ReportView& view);
Blocks dataBlocks(const ReportView& view);
Blocks outputBlocks(const ReportView& view);
Blocks explanationBlocks(const ReportView& view);
Blocks driftBlocks(const ReportView& view);
Blocks validityBlocks(const ReportView& view);
Blocks limitsBlocks(const ReportView& view);
Blocks reproductionBlocks(const ReportView& view);
Blocks auditBlocks(const ReportView& view);
Blocks clauseBlocks(const ReportView& view);

// What a verdict's word means for the eye.
Tone verdictTone(std::string_view verdict);

// The figure of a data set's variant by its endpoint: "flip_rate", "METHOD.METRIC".
const Json& endpointFigure(const Json& variant, const std::string& endpoint);
// The endpoint that the reasons are judged by: "METHOD.METRIC"; empty if there is none.
std::string reasonsEndpoint(const Json& variant);
double endpointMargin(const Json& variant, const std::string& endpoint);

// Values of outcomes by variant: of the output ("kl"), or of an endpoint of the reasons as drift.
// NaN where there is none.
std::vector<double> outputValues(const ReportView& view, std::size_t variant,
                                 const std::string& metric);
std::vector<double> driftValues(const ReportView& view, std::size_t variant,
                                const std::string& endpoint);

}  // namespace driftlens
