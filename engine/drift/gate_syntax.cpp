// Reading a gate: from the right, since a variant's name may hold what else would be syntax.
#include "core/base/error.h"
#include "core/base/text.h"
#include "engine/drift/gate.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <utility>

namespace driftlens {
namespace {

constexpr std::size_t kLongest = 4096;
constexpr std::size_t kLargestK = 1'000'000;

struct OperatorRow {
    std::string_view text;
    GateOperator operation;
};

// Longer ones first, so that "<=" is not taken for "<".
constexpr OperatorRow kOperators[] = {
    {"<=", GateOperator::LessEqual}, {">=", GateOperator::GreaterEqual},
    {"==", GateOperator::Equal},     {"!=", GateOperator::NotEqual},
    {"<", GateOperator::Less},       {">", GateOperator::Greater}};

bool isNameByte(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

[[noreturn]] void refuse(std::string_view gate, const std::string& complaint) {
    throw Error(ErrorKind::Usage, "gate " + inQuotes(gate) + ": " + complaint);
}

// The name at the end of the text, which loses it.
std::string_view takeName(std::string_view& text) {
    std::size_t begin = text.size();
    while (begin > 0 && isNameByte(text[begin - 1])) --begin;
    const std::string_view name = text.substr(begin);
    text.remove_suffix(name.size());
    return name;
}

// The last operator: a value holds none, a variant's name may.
std::pair<std::size_t, OperatorRow> findOperator(std::string_view gate) {
    for (std::size_t at = gate.size(); at-- > 0;) {
        // "<" of "<=" stands left of its "=": the longest operator that ends here decides.
        for (const OperatorRow& row : kOperators) {
            if (at + 1 >= row.text.size() &&
                gate.substr(at + 1 - row.text.size(), row.text.size()) == row.text) {
                return {at + 1 - row.text.size(), row};
            }
        }
    }
    refuse(gate, "no operator of <, <=, >, >=, ==, !=");
}

double readValue(std::string_view gate, std::string_view text) {
    if (text.empty()) refuse(gate, "no value after the operator");
    double value = 0.0;
    const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (status != std::errc() || end != text.data() + text.size() || !std::isfinite(value))
        refuse(gate, "the value " + inQuotes(text) + " is not a number");
    return value;
}

// Takes "upper(…)" or "lower(…)" off the figure's name.
GateSubject takeSubject(std::string_view gate, std::string_view& text) {
    constexpr std::pair<std::string_view, GateSubject> kSubjects[] = {
        {"upper(", GateSubject::UpperBound}, {"lower(", GateSubject::LowerBound}};
    for (const auto& [prefix, subject] : kSubjects) {
        if (!text.starts_with(prefix)) continue;
        if (!text.ends_with(')')) refuse(gate, std::string(prefix) + " has no closing parenthesis");
        text = trimmed(text.substr(prefix.size(), text.size() - prefix.size() - 1));
        return subject;
    }
    return GateSubject::Figure;
}

// "…@blocks.3.mlp.out": a place in the network.
std::string takeSite(std::string_view& text) {
    const std::size_t at = text.rfind('@');
    if (at == std::string_view::npos) return "";
    const std::string_view site = text.substr(at + 1);
    const bool isSite = site == "embeddings" || site.starts_with("blocks.");
    if (!isSite || site.find(':') != std::string_view::npos) return "";
    text = text.substr(0, at);
    return std::string(site);
}

std::optional<std::size_t> takeK(std::string_view gate, std::string_view& text) {
    const std::size_t at = text.rfind('@');
    if (at == std::string_view::npos) return std::nullopt;
    const std::string_view digits = text.substr(at + 1);
    // "model@int4:flip_rate": this one belongs to the variant.
    if (digits.find(':') != std::string_view::npos) return std::nullopt;
    std::size_t k = 0;
    const auto [end, status] = std::from_chars(digits.data(), digits.data() + digits.size(), k);
    if (status != std::errc() || end != digits.data() + digits.size() || k == 0 || k > kLargestK) {
        refuse(gate, "k is " + inQuotes(digits) + ", not a number from 1 to " +
                         std::to_string(kLargestK));
    }
    text = text.substr(0, at);
    return k;
}

}  // namespace

Gate parseGate(std::string_view given) {
    const std::string_view text = trimmed(given);
    if (text.empty()) refuse(text, "it is empty");
    if (text.size() > kLongest)
        refuse(text, "it is longer than " + std::to_string(kLongest) + " bytes");
    if (!isValidUtf8(text)) refuse(text, "it is not UTF-8");
    const auto [at, row] = findOperator(text);
    Gate gate;
    gate.text = text;
    gate.operation = row.operation;
    gate.value = readValue(text, trimmed(text.substr(at + row.text.size())));
    std::string_view name = trimmed(text.substr(0, at));
    gate.subject = takeSubject(text, name);
    gate.site = takeSite(name);
    gate.k = takeK(text, name);
    gate.metric = takeName(name);
    if (gate.metric.empty()) refuse(text, "no metric before the operator");
    if (name.ends_with('.')) {
        name.remove_suffix(1);
        gate.method = takeName(name);
        if (gate.method.empty()) refuse(text, "no method before the dot");
    }
    if (name.empty()) return gate;
    if (!name.ends_with(':'))
        refuse(text, inQuotes(name) + " before the metric is no variant: that ends with a colon");
    gate.variant = name.substr(0, name.size() - 1);
    if (gate.variant.empty()) refuse(text, "no variant before the colon");
    return gate;
}

}  // namespace driftlens
