#include "core/base/error.h"

#include <array>
#include <utility>

namespace driftlens {
namespace {

struct KindRow {
    ErrorKind kind;
    int exitCode;
    std::string_view name;  // stored in the log: append only
};

constexpr std::array<KindRow, 9> kKinds = {{
    {ErrorKind::Usage, 2, "usage"},
    {ErrorKind::InputFile, 3, "input_file"},
    {ErrorKind::Unsupported, 4, "unsupported"},
    {ErrorKind::Tampered, 5, "tampered"},
    {ErrorKind::Erased, 7, "erased"},
    {ErrorKind::Io, 8, "io"},
    {ErrorKind::Numeric, 9, "numeric"},
    {ErrorKind::Cancelled, 130, "cancelled"},
    {ErrorKind::Internal, 70, "internal"},
}};

const KindRow& rowOf(ErrorKind kind) noexcept {
    for (const KindRow& row : kKinds) {
        if (row.kind == kind) return row;
    }
    return kKinds.back();
}

// One line, whatever a file name or a foreign message carried.
std::string onOneLine(std::string message) {
    for (char& c : message) {
        if (c == '\n' || c == '\r') c = ' ';
    }
    return message;
}

}  // namespace

Error::Error(ErrorKind kind, std::string message)
    : m_kind(kind), m_message(onOneLine(std::move(message))) {}

Error Error::withContext(std::string_view context) const {
    return Error(m_kind, std::string(context) + ": " + m_message);
}

int exitCode(ErrorKind kind) noexcept {
    return rowOf(kind).exitCode;
}

std::string_view errorKindName(ErrorKind kind) noexcept {
    return rowOf(kind).name;
}

}  // namespace driftlens
