#include "reports/writers/method_card_html.h"

#include "core/base/text.h"
#include "engine/compare/method_card.h"
#include "reports/writers/page.h"

namespace driftlens {

std::string methodCardHtml(std::string_view method) {
    const MethodCard card = methodCard(method);
    std::vector<HtmlFact> facts;
    for (const MethodCard::Fact& fact : card.facts)
        if (!fact.text.empty()) facts.push_back({fact.name, escapeXml(fact.text)});
    std::string rows;
    for (const MethodCard::Setting& each : card.settings) {
        rows += htmlRow(htmlCell(each.name) + htmlCell(each.fallback) + htmlCell(each.allowed) +
                        htmlCell(each.meaning));
    }
    std::string body = htmlFacts(facts);
    if (!rows.empty()) body += htmlTable({"setting", "default", "allowed", "meaning"}, rows);
    return htmlDetails("What " + card.title + " is, and what it is not", body);
}

}  // namespace driftlens
