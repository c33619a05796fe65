// Data sets: texts with labels, from csv, jsonl or txt, one row at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <istream>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace driftlens {

enum class DataFormat : std::uint8_t {
    Csv,        // RFC 4180, with a header
    JsonLines,  // an object on every line
    Text,       // a text on every line
};

// By the end of the name: .csv, .jsonl, .ndjson or .txt, in any case. Throws Error(InputFile) for
// any other.
DataFormat dataFormatOf(const std::filesystem::path& file);

// Which columns to read; in jsonl they are the members of the objects. What is not named is guessed
// by name: the text from text, sentence, prompt, question and the like, or the only column there
// is; the label from label, target, class and the like, or there is none.
struct DataColumns {
    std::optional<std::string> text;
    std::optional<std::string> label;
    std::vector<std::string> others;  // slices, clusters
};

struct DataRow {
    std::uint64_t number = 0;          // from 0
    std::uint64_t line = 0;            // where it begins in the file, from 1
    std::string text;                  // never empty
    std::optional<std::string> label;  // absent for null and for an empty field
    std::vector<std::string> others;   // in the order asked; numbers and booleans as JSON has them
};

// Reads forward only and holds one row, of at most maxRowBytes. Empty lines of a text file are
// skipped, and a note says so; elsewhere they may stand at the end of the file and nowhere else.
class DataFile {
public:
    static constexpr std::size_t kMaxRowBytes = std::size_t{1} << 20;

    // Both read up to the first row. All throw Error(InputFile) naming the file and line: for a
    // missing column, rows of other lengths than the header, empty lines and texts, bytes that are
    // no UTF-8, NUL, rows that are too long and JSON that is none; Error(Usage) if columns are
    // named for a text file.
    static DataFile open(const std::filesystem::path& file, const DataColumns& columns = {},
                         std::size_t maxRowBytes = kMaxRowBytes);
    DataFile(std::unique_ptr<std::istream> stream, std::string name, DataFormat format,
             const DataColumns& columns = {}, std::size_t maxRowBytes = kMaxRowBytes);

    DataFile(DataFile&& other) noexcept;
    DataFile& operator=(DataFile&& other) noexcept;
    ~DataFile();

    // The columns that a file has, by its header or its first row; none of a text file. Throws as
    // open() does, but for a column that cannot be chosen.
    static std::vector<std::string> columnNamesOf(const std::filesystem::path& file);

    // The next row; nothing at the end of the file.
    std::optional<DataRow> next();

    // What was chosen, for people: "text is the column \"sentence\" (guessed)", "no label".
    const std::vector<std::string>& notes() const;

private:
    struct State;
    explicit DataFile(std::unique_ptr<State> state);
    static std::unique_ptr<State> begin(const std::filesystem::path& file, std::size_t maxRowBytes);

    std::unique_ptr<State> m_state;
};

}  // namespace driftlens
