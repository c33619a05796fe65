#include "core/files/csv.h"

#include <algorithm>
#include <utility>

namespace driftlens {
namespace {

// Reads the bytes of one record, line after line.
class RecordParser {
public:
    RecordParser(LineReader& reader, TextLine first) : m_reader(reader), m_line(std::move(first)) {
        m_record.line = m_line.number;
        m_bytes = m_line.text.size();
    }

    CsvRecord parse() {
        for (;;) {
            m_record.fields.push_back(isAt('"') ? quotedField() : plainField());
            if (m_at == m_line.text.size()) return std::move(m_record);
            ++m_at;  // the comma
        }
    }

private:
    bool isAt(char c) const { return m_at < m_line.text.size() && m_line.text[m_at] == c; }

    std::string plainField() {
        const std::size_t end = std::min(m_line.text.find(',', m_at), m_line.text.size());
        std::string field = m_line.text.substr(m_at, end - m_at);
        if (field.find('"') != std::string::npos)
            m_reader.refuse(m_line.number, "a quote within a field that does not begin with one");
        if (field.find('\r') != std::string::npos)
            m_reader.refuse(m_line.number, "a carriage return without a line feed");
        m_at = end;
        return field;
    }

    std::string quotedField() {
        const std::uint64_t opened = m_line.number;
        std::string field;
        ++m_at;
        for (;;) {
            const std::size_t quote = m_line.text.find('"', m_at);
            field.append(m_line.text, m_at, quote == std::string::npos ? quote : quote - m_at);
            if (quote == std::string::npos) {
                field += m_line.end;
                takeLine(opened);
                continue;
            }
            m_at = quote + 1;
            if (!isAt('"')) break;
            field += '"';
            ++m_at;
        }
        if (m_at < m_line.text.size() && !isAt(','))
            m_reader.refuse(m_line.number, "neither a comma nor the line's end after a quote");
        return field;
    }

    void takeLine(std::uint64_t opened) {
        std::optional<TextLine> line = m_reader.next();
        if (!line) m_reader.refuse(opened, "a quote that is never closed");
        m_bytes += m_line.end.size() + line->text.size();
        if (m_bytes > m_reader.maxLineBytes()) {
            m_reader.refuse(opened, "a quoted field makes the row longer than " +
                                        std::to_string(m_reader.maxLineBytes()) +
                                        " bytes; is a quote missing?");
        }
        m_line = std::move(*line);
        m_at = 0;
    }

    LineReader& m_reader;
    TextLine m_line;
    std::size_t m_at = 0;
    std::size_t m_bytes = 0;
    CsvRecord m_record;
};

}  // namespace

std::optional<CsvRecord> nextCsvRecord(LineReader& reader) {
    std::optional<TextLine> line = reader.next();
    if (!line) return std::nullopt;
    return RecordParser(reader, std::move(*line)).parse();
}

}  // namespace driftlens
