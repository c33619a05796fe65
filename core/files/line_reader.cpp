#include "core/files/line_reader.h"

#include "core/base/error.h"
#include "core/base/text.h"

#include <string_view>
#include <utility>

namespace driftlens {

LineReader::LineReader(std::unique_ptr<std::istream> stream, std::string name,
                       std::size_t maxLineBytes)
    : m_stream(std::move(stream)), m_name(std::move(name)), m_maxLineBytes(maxLineBytes) {}

void LineReader::refuse(std::uint64_t line, const std::string& complaint) const {
    throw Error(ErrorKind::InputFile, m_name + ": line " + std::to_string(line) + ": " + complaint);
}

// Up to a line feed, which is taken but not given.
std::string LineReader::takeBytes(bool& isEnded) {
    constexpr int kEnd = std::char_traits<char>::eof();
    std::streambuf& buffer = *m_stream->rdbuf();
    std::string out;
    for (;;) {
        const int byte = buffer.sbumpc();
        if (byte == kEnd || byte == '\n') {
            isEnded = byte == '\n';
            return out;
        }
        if (out.size() == m_maxLineBytes)
            refuse(m_lines, "longer than " + std::to_string(m_maxLineBytes) + " bytes");
        out += static_cast<char>(byte);
    }
}

std::optional<TextLine> LineReader::next() {
    ++m_lines;
    TextLine line;
    bool isEnded = false;
    try {
        line.text = takeBytes(isEnded);
    } catch (const std::ios_base::failure&) {
        refuse(m_lines, "cannot be read");
    }
    line.number = m_lines;
    if (!isEnded && line.text.empty()) return std::nullopt;
    line.end = isEnded ? "\n" : "";
    if (isEnded && line.text.ends_with('\r')) {
        line.text.pop_back();
        line.end = "\r\n";
    }
    constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
    if (m_lines == 1 && line.text.starts_with(kByteOrderMark))
        line.text.erase(0, kByteOrderMark.size());
    if (line.text.find('\0') != std::string::npos) refuse(m_lines, "a NUL byte");
    if (!isValidUtf8(line.text)) refuse(m_lines, "not UTF-8");
    return line;
}

}  // namespace driftlens
