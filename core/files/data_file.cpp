#include "core/files/data_file.h"

#include "core/base/error.h"
#include "core/base/json.h"
#include "core/base/text.h"
#include "core/files/csv.h"
#include "core/files/line_reader.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <span>
#include <string_view>
#include <utility>

namespace driftlens {
namespace {

constexpr std::array<std::string_view, 10> kTextNames = {"text",   "sentence", "prompt", "question",
                                                         "review", "comment",  "tweet",  "content",
                                                         "input",  "premise"};
constexpr std::array<std::string_view, 7> kLabelNames = {"label",     "labels", "target", "class",
                                                         "sentiment", "answer", "gold"};

std::string lowered(std::string_view text) {
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    return out;
}

// The first of the usual names that a column has, in any case.
std::optional<std::string> guessed(std::span<const std::string> columns,
                                   std::span<const std::string_view> usual) {
    for (const std::string_view name : usual) {
        const auto found =
            std::find_if(columns.begin(), columns.end(),
                         [&](const std::string& column) { return lowered(column) == name; });
        if (found != columns.end()) return *found;
    }
    return std::nullopt;
}

// The names for an error message: enough of them to see what is there.
std::string listed(std::span<const std::string> columns) {
    constexpr std::size_t kMost = 12;
    std::string text;
    for (const std::string& column : columns.first(std::min(kMost, columns.size())))
        text += (text.empty() ? "" : ", ") + inQuotes(column);
    return columns.size() <= kMost ? text : text + ", …";
}

// One row before its columns are chosen: names and values side by side.
struct Cells {
    std::vector<std::string> names;
    std::vector<std::optional<std::string>> values;  // absent for null
    std::uint64_t line = 0;
};

}  // namespace

struct DataFile::State {
    State(LineReader lines, DataFormat kind) : reader(std::move(lines)), format(kind) {}

    LineReader reader;
    DataFormat format;
    std::vector<std::string> header;  // of csv
    std::string textColumn;           // empty for txt, as the others
    std::optional<std::string> labelColumn;
    std::vector<std::string> otherColumns;
    std::vector<std::string> notes;
    std::optional<Cells> ahead;  // the first row, which names the columns of jsonl
    std::uint64_t rows = 0;

    std::optional<Cells> nextCells();
    std::optional<Cells> nextCsvCells();
    std::optional<Cells> nextJsonCells();
    std::optional<TextLine> nextFullLine();
    void refuseIfMoreFollows(std::uint64_t line);
    void readHeader();
    void choose(const DataColumns& asked);
    std::string chosen(const char* role, const std::optional<std::string>& asked,
                       const std::optional<std::string>& guess);
    const std::optional<std::string>& valueOf(const Cells& cells, const std::string& column) const;
    DataRow rowOf(const Cells& cells);
};

// After an empty line, which only more of its kind may follow.
void DataFile::State::refuseIfMoreFollows(std::uint64_t line) {
    while (const std::optional<TextLine> rest = reader.next()) {
        if (!trimmed(rest->text).empty()) reader.refuse(line, "an empty line between rows");
    }
}

std::optional<TextLine> DataFile::State::nextFullLine() {
    std::optional<TextLine> line = reader.next();
    if (!line || !trimmed(line->text).empty()) return line;
    refuseIfMoreFollows(line->number);
    return std::nullopt;
}

std::optional<Cells> DataFile::State::nextCsvCells() {
    std::optional<CsvRecord> record = nextCsvRecord(reader);
    if (!record) return std::nullopt;
    if (record->fields.size() == 1 && record->fields[0].empty()) {
        refuseIfMoreFollows(record->line);
        return std::nullopt;
    }
    if (record->fields.size() != header.size()) {
        reader.refuse(record->line, std::to_string(record->fields.size()) +
                                        " fields, of which the header has " +
                                        std::to_string(header.size()));
    }
    Cells cells = {header, {}, record->line};
    for (std::string& field : record->fields) cells.values.emplace_back(std::move(field));
    return cells;
}

std::optional<Cells> DataFile::State::nextJsonCells() {
    const std::optional<TextLine> line = nextFullLine();
    if (!line) return std::nullopt;
    const Json object =
        parseJson(line->text, reader.name() + ": line " + std::to_string(line->number));
    if (!object.is_object()) reader.refuse(line->number, "no JSON object");
    Cells cells;
    cells.line = line->number;
    for (const auto& [name, value] : object.items()) {
        if (value.is_structured()) continue;  // no text, and no label either
        cells.names.push_back(name);
        if (value.is_null())
            cells.values.emplace_back();
        else
            cells.values.emplace_back(value.is_string() ? value.get<std::string>() : value.dump());
    }
    return cells;
}

std::optional<Cells> DataFile::State::nextCells() {
    if (ahead) return std::exchange(ahead, std::nullopt);
    if (format == DataFormat::Csv) return nextCsvCells();
    if (format == DataFormat::JsonLines) return nextJsonCells();
    std::optional<TextLine> line = reader.next();
    while (line && trimmed(line->text).empty()) line = reader.next();
    if (!line) return std::nullopt;
    return Cells{{""}, {std::move(line->text)}, line->number};
}

void DataFile::State::readHeader() {
    if (format == DataFormat::Csv) {
        std::optional<CsvRecord> record = nextCsvRecord(reader);
        if (!record) reader.refuse(1, "no header: the file is empty");
        header = std::move(record->fields);
        if (header.size() == 1 && header[0].empty()) reader.refuse(1, "no header: an empty line");
    }
    ahead = nextCells();
    if (format == DataFormat::JsonLines && ahead) header = ahead->names;
}

// The column asked for, or else the guess: there is one of them.
std::string DataFile::State::chosen(const char* role, const std::optional<std::string>& asked,
                                    const std::optional<std::string>& guess) {
    const std::string& column = asked ? *asked : *guess;
    const auto count = std::count(header.begin(), header.end(), column);
    const std::uint64_t line = format == DataFormat::Csv || !ahead ? 1 : ahead->line;
    if (count == 0)
        reader.refuse(line, "no column " + inQuotes(column) + "; there are " + listed(header));
    if (count > 1) reader.refuse(line, "more than one column " + inQuotes(column));
    notes.push_back(std::string(role) + " is the column " + inQuotes(column) +
                    (asked ? "" : " (guessed)"));
    return column;
}

void DataFile::State::choose(const DataColumns& asked) {
    if (format == DataFormat::Text) {
        if (asked.text || asked.label || !asked.others.empty())
            throw Error(ErrorKind::Usage, reader.name() + ": a text file has no columns");
        notes = {"text is the whole line; empty lines are skipped", "no label"};
        return;
    }
    if (format == DataFormat::JsonLines && !ahead) return;  // without rows there are no columns
    std::optional<std::string> textGuess = guessed(header, kTextNames);
    if (!textGuess && header.size() == 1) textGuess = header[0];
    if (!asked.text && !textGuess) {
        reader.refuse(1, "which column is the text? Name one of " + listed(header));
    }
    textColumn = chosen("text", asked.text, textGuess);
    const std::optional<std::string> labelGuess = guessed(header, kLabelNames);
    if (asked.label || (labelGuess && labelGuess != textColumn))
        labelColumn = chosen("label", asked.label, labelGuess);
    else
        notes.emplace_back("no label");
    for (const std::string& other : asked.others)
        otherColumns.push_back(chosen("a further column", other, std::nullopt));
}

const std::optional<std::string>& DataFile::State::valueOf(const Cells& cells,
                                                           const std::string& column) const {
    const auto found = std::find(cells.names.begin(), cells.names.end(), column);
    if (found == cells.names.end()) {
        reader.refuse(cells.line,
                      "no member " + inQuotes(column) + " that is a text, number or boolean");
    }
    return cells.values[static_cast<std::size_t>(found - cells.names.begin())];
}

DataRow DataFile::State::rowOf(const Cells& cells) {
    DataRow row;
    row.number = rows++;
    row.line = cells.line;
    row.text = valueOf(cells, textColumn).value_or("");
    if (row.text.empty()) reader.refuse(cells.line, "the text is empty");
    if (labelColumn) row.label = valueOf(cells, *labelColumn);
    if (row.label && row.label->empty()) row.label.reset();
    for (const std::string& other : otherColumns)
        row.others.push_back(valueOf(cells, other).value_or(""));
    return row;
}

DataFormat dataFormatOf(const std::filesystem::path& file) {
    const std::string end = lowered(file.extension().string());
    if (end == ".csv") return DataFormat::Csv;
    if (end == ".jsonl" || end == ".ndjson") return DataFormat::JsonLines;
    if (end == ".txt") return DataFormat::Text;
    throw Error(ErrorKind::InputFile,
                file.string() + ": data files end in .csv, .jsonl, .ndjson or .txt");
}

std::unique_ptr<DataFile::State> DataFile::begin(const std::filesystem::path& file,
                                                 std::size_t maxRowBytes) {
    const DataFormat format = dataFormatOf(file);
    std::error_code status;
    auto stream = std::make_unique<std::ifstream>(file, std::ios::binary);
    if (!stream->is_open() || std::filesystem::is_directory(file, status))
        throw Error(ErrorKind::InputFile, file.string() + ": no file that can be read");
    auto out =
        std::make_unique<State>(LineReader(std::move(stream), file.string(), maxRowBytes), format);
    out->readHeader();
    return out;
}

DataFile DataFile::open(const std::filesystem::path& file, const DataColumns& columns,
                        std::size_t maxRowBytes) {
    DataFile out(begin(file, maxRowBytes));
    out.m_state->choose(columns);
    return out;
}

std::vector<std::string> DataFile::columnNamesOf(const std::filesystem::path& file) {
    const std::unique_ptr<State> state = begin(file, kMaxRowBytes);
    return state->format == DataFormat::Text ? std::vector<std::string>() : state->header;
}

DataFile::DataFile(std::unique_ptr<State> state) : m_state(std::move(state)) {}

DataFile::DataFile(std::unique_ptr<std::istream> stream, std::string name, DataFormat format,
                   const DataColumns& columns, std::size_t maxRowBytes)
    : m_state(std::make_unique<State>(LineReader(std::move(stream), std::move(name), maxRowBytes),
                                      format)) {
    m_state->readHeader();
    m_state->choose(columns);
}

DataFile::DataFile(DataFile&& other) noexcept = default;
DataFile& DataFile::operator=(DataFile&& other) noexcept = default;
DataFile::~DataFile() = default;

std::optional<DataRow> DataFile::next() {
    const std::optional<Cells> cells = m_state->nextCells();
    if (!cells) return std::nullopt;
    return m_state->rowOf(*cells);
}

const std::vector<std::string>& DataFile::notes() const {
    return m_state->notes;
}

}  // namespace driftlens
