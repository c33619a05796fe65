#include "reports/layout/report_layout.h"

#include "core/base/digest.h"
#include "core/base/display_text.h"
#include "core/base/text.h"
#include "engine/drift/endpoint.h"
#include "reports/document/document.h"
#include "reports/document/sections.h"
#include "reports/layout/section_makers.h"

#include <algorithm>
#include <cmath>

namespace driftlens {
namespace {

struct Maker {
    std::string_view id;
    Blocks (*make)(const ReportView& view);
};
// A row per row of kReportSections.
constexpr std::array<Maker, kReportSections.size()> kMakers = {{
    {"cover", &coverBlocks},
    {"verdict", &verdictBlocks},
    {"systems", &systemsBlocks},
    {"data", &dataBlocks},
    {"output_fidelity", &outputBlocks},
    {"explanations", &explanationBlocks},
    {"drift", &driftBlocks},
    {"validity", &validityBlocks},
    {"limits", &limitsBlocks},
    {"reproduction", &reproductionBlocks},
    {"audit", &auditBlocks},
    {"clauses", &clauseBlocks},
}};

bool isChosen(const Json& report, std::string_view id) {
    const Json& chosen = memberOf(report, "sections");
    return chosen.is_null() ||
           std::any_of(chosen.begin(), chosen.end(), [&](const Json& each) { return each == id; });
}

// ---- foreign text made harmless

void clean(std::string& text) {
    text = displayText(text);
}
void cleanBlock(Subheading& block) {
    clean(block.text);
}
void cleanBlock(Paragraph& block) {
    clean(block.text);
}
void cleanBlock(Callout& block) {
    clean(block.label);
    clean(block.text);
}
void cleanBlock(BulletList& block) {
    for (std::string& item : block.items) clean(item);
}
void cleanBlock(FactTable& block) {
    for (Fact& fact : block.facts) {
        clean(fact.name);
        clean(fact.value);
    }
}
void cleanBlock(Table& block) {
    clean(block.caption);
    for (std::vector<std::string>& row : block.rows)
        for (std::string& cell : row) clean(cell);
}
void cleanBlock(FigureBlock& block) {
    clean(block.title);
    clean(block.description);
}
void cleanBlock(CodeBlock& block) {
    std::string out;
    for (const std::string& line : splitText(block.text, '\n'))
        out += (out.empty() ? "" : "\n") + displayText(line);
    block.text = out;
}

std::string undefinedText(const std::string& reason) {
    return reason.empty() ? "–" : "– (" + reason + ")";
}

}  // namespace

// ---- what sections share

std::string ReportView::number(double value) const {
    return isExact() ? exactNumber(value) : formatNumber(value, 4);
}

std::string ReportView::number(const Json& value, const std::string& reason) const {
    if (const std::optional<double> found = numberOf(value)) return number(*found);
    return isExact() ? "" : undefinedText(reason);
}

std::string ReportView::figure(const Json& figure) const {
    return number(memberOf(figure, "value"), textOf(memberOf(figure, "undefined")));
}

std::string ReportView::interval(const Json& figure) const {
    const Json& low = memberOf(figure, "low");
    const Json& high = memberOf(figure, "high");
    if (!low.is_number() || !high.is_number()) return isExact() ? "" : "–";
    return number(low) + " to " + number(high);
}

std::string ReportView::variantName(const Json& model) const {
    const std::string whole = modelName(model);
    const std::string shared = modelName(memberOf(found(), "reference")) + "@";
    const bool isShared = whole.size() > shared.size() && whole.starts_with(shared);
    return isShared && !isExact() ? whole.substr(shared.size()) : whole;
}

Tone verdictTone(std::string_view verdict) {
    if (verdict == "material") return Tone::Bad;
    if (verdict == "immaterial" || verdict == "not detectable") return Tone::Good;
    return Tone::Caution;
}

const Json& endpointFigure(const Json& variant, const std::string& endpoint) {
    const Json& figures = memberOf(variant, "figures");
    const std::size_t dot = endpoint.find('.');
    if (dot == std::string::npos) return memberOf(figures, endpoint);
    return memberOf(memberOf(figures, endpoint.substr(0, dot)), endpoint.substr(dot + 1));
}

std::string reasonsEndpoint(const Json& variant) {
    for (const Json& verdict : memberOf(variant, "verdicts")) {
        const std::string endpoint = textOf(memberOf(verdict, "endpoint"));
        if (endpoint.find('.') != std::string::npos) return endpoint;
    }
    return "";
}

double endpointMargin(const Json& variant, const std::string& endpoint) {
    for (const Json& verdict : memberOf(variant, "verdicts"))
        if (textOf(memberOf(verdict, "endpoint")) == endpoint)
            return numberOf(memberOf(verdict, "margin")).value_or(0.0);
    return 0.0;
}

std::vector<double> outputValues(const ReportView& view, std::size_t variant,
                                 const std::string& metric) {
    std::vector<double> out;
    for (const Json& outcome : view.at("/outcomes")) {
        const Json& variants = memberOf(outcome, "variants");
        const bool isThere = variant < variants.size();
        const Json value =
            isThere ? memberOf(memberOf(variants[variant], "fidelity"), metric) : Json();
        out.push_back(numberOf(value).value_or(NAN));
    }
    return out;
}

std::vector<double> driftValues(const ReportView& view, std::size_t variant,
                                const std::string& endpoint) {
    const std::size_t dot = endpoint.find('.');
    if (dot == std::string::npos) return std::vector<double>(view.at("/outcomes").size(), NAN);
    const std::string method = endpoint.substr(0, dot), metric = endpoint.substr(dot + 1);
    const EndpointInfo* info = findEndpoint(metric);
    std::vector<double> out;
    for (const Json& outcome : view.at("/outcomes")) {
        const Json& variants = memberOf(outcome, "variants");
        Json value;
        if (variant < variants.size())
            value = memberOf(
                memberOf(memberOf(memberOf(variants[variant], "methods"), method), "raw"), metric);
        const std::optional<double> found = numberOf(value);
        out.push_back(!found ? NAN : info == nullptr ? *found : driftOf(*info, *found));
    }
    return out;
}

// ---- the layout

ReportLayout layoutOf(const Json& report, Detail detail) {
    const ReportView view(report, detail);
    ReportLayout out;
    out.title = displayText(textOf(memberOf(report, "title")));
    out.subtitle = "Driftlens report, made " + displayText(textOf(memberOf(report, "created")));
    out.sha256 = toHex(sha256(reportText(report)));
    for (std::size_t i = 0; i < kMakers.size(); ++i) {
        if (!isChosen(report, kMakers[i].id)) continue;
        Section section{std::string(kMakers[i].id), std::string(kReportSections[i].title),
                        kMakers[i].make(view)};
        for (Block& block : section.blocks) std::visit([](auto& each) { cleanBlock(each); }, block);
        out.sections.push_back(std::move(section));
    }
    return out;
}

std::vector<Table> tablesOf(const Json& report) {
    std::vector<Table> out;
    for (Section& section : layoutOf(report, Detail::Everything).sections)
        for (Block& block : section.blocks)
            if (auto* table = std::get_if<Table>(&block)) out.push_back(std::move(*table));
    return out;
}

}  // namespace driftlens
