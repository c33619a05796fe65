// The lines of a text file that nobody has checked, one at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <istream>
#include <memory>
#include <optional>
#include <string>

namespace driftlens {

struct TextLine {
    std::string text;          // without its end
    std::string end;           // "\n", "\r\n", or empty at the end of the file
    std::uint64_t number = 0;  // from 1
};

// Gives well-formed UTF-8 without NUL; a byte-order mark at the start is skipped. Holds one line.
class LineReader {
public:
    // `name` is what errors call the file.
    LineReader(std::unique_ptr<std::istream> stream, std::string name, std::size_t maxLineBytes);

    // The next line; nothing at the end of the file. Throws Error(InputFile) naming the line if it
    // is too long, has a NUL or bad UTF-8, or cannot be read.
    std::optional<TextLine> next();

    // Throws Error(InputFile): "name: line 3: complaint".
    [[noreturn]] void refuse(std::uint64_t line, const std::string& complaint) const;

    const std::string& name() const { return m_name; }
    std::size_t maxLineBytes() const { return m_maxLineBytes; }

private:
    std::string takeBytes(bool& isEnded);

    std::unique_ptr<std::istream> m_stream;
    std::string m_name;
    std::size_t m_maxLineBytes;
    std::uint64_t m_lines = 0;
};

}  // namespace driftlens
