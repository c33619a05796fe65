// The one exception type of Driftlens, and the one table from error kinds to exit codes.
#pragma once

#include <exception>
#include <string>
#include <string_view>

namespace driftlens {

// Why an operation ended. Every kind has one exit code (see exitCode).
enum class ErrorKind {
    Usage,  // a wrong argument: unknown method, bad parameter, token id out of range, empty prompt
    InputFile,    // a missing, truncated or contradictory input file
    Unsupported,  // well-formed, but outside what this program can do: unknown family, stored form
    Tampered,     // the audit log was changed
    Erased,       // a payload of the log was erased, as its retention allows
    Io,           // disk full, not writable
    Numeric,      // a non-finite result
    Cancelled,    // the user stopped the run
    Internal,     // a defect of this program
};

// Ends an operation. The message is one line: what, where, which value, and what to do. Expected
// outcomes are values, not errors.
class Error : public std::exception {
public:
    Error(ErrorKind kind, std::string message);

    ErrorKind kind() const noexcept { return m_kind; }
    const char* what() const noexcept override { return m_message.c_str(); }

    // The same error with "context: " before its message; used while unwinding.
    Error withContext(std::string_view context) const;

private:
    ErrorKind m_kind;
    std::string m_message;
};

// Exit codes that are outcomes rather than errors.
inline constexpr int kExitFine = 0;
inline constexpr int kExitGateFailed = 1;
inline constexpr int kExitGateInconclusive = 11;

// The process exit code of an error kind, as product.md lists them.
int exitCode(ErrorKind kind) noexcept;

// The stable name of a kind in JSON output and in the log ("usage", "input_file", …).
std::string_view errorKindName(ErrorKind kind) noexcept;

}  // namespace driftlens
