// Command-line options that several verbs share.
#pragma once

#include "core/base/error.h"
#include "engine/audit/log.h"
#include "engine/compare/explain.h"

#include <boost/program_options.hpp>

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace driftlens {

namespace po = boost::program_options;

using Arguments = std::vector<std::string>;

// A verb's options: parses, answers --help, turns Boost's errors into Error(Usage).
class VerbOptions {
public:
    // usage is the line after "usage: driftlens "; example a whole command.
    VerbOptions(std::string usage, std::string summary, std::string example);

    po::options_description& add(const std::string& group);  // a titled group
    void positional(const std::string& name, int count);

    // False if --help was asked and has been printed.
    bool parse(const Arguments& arguments);

    bool has(const std::string& name) const {
        return m_values.count(name) > 0 && !m_values[name].defaulted();
    }
    std::string text(const std::string& name) const { return m_values[name].as<std::string>(); }
    std::optional<std::string> optional(const std::string& name) const {
        return has(name) ? std::optional(text(name)) : std::nullopt;
    }
    // Throws Error(Usage) for another word than yes or no.
    bool yesOrNo(const std::string& name) const;
    std::vector<std::string> list(const std::string& name) const;
    bool flag(const std::string& name) const {
        return m_values.count(name) > 0 && m_values[name].as<bool>();
    }

private:
    std::string m_usage, m_summary, m_example;
    std::vector<std::unique_ptr<po::options_description>> m_groups;
    po::positional_options_description m_positional;
    po::options_description m_hidden;
    po::variables_map m_values;
};

void addPromptOptions(VerbOptions& options);
void addPairOption(VerbOptions& options);
void addComputeOptions(VerbOptions& options);
void addOutputOptions(VerbOptions& options, const std::string& outFile = "write to a file");
void addTargetOptions(VerbOptions& options, const std::string& defaultQuantity);
void addMethodOptions(VerbOptions& options);

// Read what the five above declared. Throw Error(Usage).
PromptRequest readPromptRequest(const VerbOptions& options);
PromptRequest readRequestWithoutPrompt(const VerbOptions& options);
std::vector<MethodRequest> readMethods(const VerbOptions& options);
ComputeOptions readComputeOptions(const VerbOptions& options);
std::unique_ptr<AuditLog> openLog(const VerbOptions& options);

// The one positional argument "model". Throws Error(Usage) for none or several.
std::string onlyModel(const VerbOptions& options);

// Writes to --out, or to standard output.
void emit(const VerbOptions& options, const std::string& text);

// A context that Ctrl-C stops and that shows progress on a terminal.
RunContext terminalContext(const VerbOptions& options);

// Throw Error(Usage), naming `what` and the text.
std::int64_t parseInteger(const std::string& text, const std::string& what);
std::uint64_t parseCount(const std::string& text, const std::string& what);  // not negative
double parseNumber(const std::string& text, const std::string& what);        // finite
std::vector<std::int64_t> parseIds(const std::string& text);                 // "5,17,2"

}  // namespace driftlens
