// Data sets: what is read, what is guessed, and what is refused with its file and line.
#include "core/files/data_file.h"

#include "core/base/error.h"
#include "tests/support/fixtures.h"
#include "tests/support/program.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace driftlens {
namespace {

DataFile fileOf(const std::string& bytes, DataFormat format = DataFormat::Csv,
                const DataColumns& columns = {}, std::size_t maxRowBytes = 200) {
    return DataFile(std::make_unique<std::istringstream>(bytes), "data", format, columns,
                    maxRowBytes);
}

std::vector<DataRow> rowsOf(DataFile file) {
    std::vector<DataRow> out;
    while (std::optional<DataRow> row = file.next()) out.push_back(std::move(*row));
    return out;
}

std::vector<std::string> textsOf(const std::string& bytes, DataFormat format = DataFormat::Csv,
                                 const DataColumns& columns = {}) {
    std::vector<std::string> out;
    for (const DataRow& row : rowsOf(fileOf(bytes, format, columns))) out.push_back(row.text);
    return out;
}

using Texts = std::vector<std::string>;

TEST(Csv, ReadsQuotesLineEndsAndBothKindsOfThem) {
    EXPECT_EQ(textsOf("text\r\n\"a, \"\"b\"\"\"\r\n\"two\nlines\"\r\n\"two\r\nmore\"\nplain\n"),
              (Texts{"a, \"b\"", "two\nlines", "two\r\nmore", "plain"}));
    EXPECT_EQ(textsOf("\xEF\xBB\xBFtext\na"), (Texts{"a"}));
    EXPECT_EQ(textsOf("text\n\xEF\xBB\xBFz"), (Texts{"\xEF\xBB\xBFz"}));  // no mark there
    EXPECT_EQ(textsOf("\"text\"\n\"\xC3\xA9\"\n"), (Texts{"\xC3\xA9"}));
    EXPECT_TRUE(textsOf("text\n").empty());
}

TEST(Csv, KnowsWhereARowBegins) {
    const std::vector<DataRow> rows = rowsOf(fileOf("text,label\n\"a\nb\",x\nc,\n"));
    ASSERT_EQ(rows.size(), 2U);
    EXPECT_EQ(rows[0].line, 2U);
    EXPECT_EQ(rows[0].label, "x");
    EXPECT_EQ(rows[1].line, 4U);
    EXPECT_EQ(rows[1].number, 1U);
    EXPECT_FALSE(rows[1].label);  // an empty field
}

TEST(JsonLines, ReadsTextsLabelsAndFurtherMembers) {
    const DataColumns columns = {{}, {}, {"group", "weight"}};
    const std::vector<DataRow> rows =
        rowsOf(fileOf("{\"text\": \"a\\nb\", \"label\": 1, \"group\": true, \"weight\": 0.5}\n"
                      "{\"weight\": 2, \"group\": null, \"label\": null, \"text\": \"c\"}\n\n",
                      DataFormat::JsonLines, columns));
    ASSERT_EQ(rows.size(), 2U);
    EXPECT_EQ(rows[0].text, "a\nb");
    EXPECT_EQ(rows[0].label, "1");
    EXPECT_EQ(rows[0].others, (Texts{"true", "0.5"}));
    EXPECT_FALSE(rows[1].label);
    EXPECT_EQ(rows[1].others, (Texts{"", "2"}));
}

TEST(TextFile, HasATextOnEveryLine) {
    EXPECT_EQ(textsOf("a, \"b\"\r\nc\n\n \n", DataFormat::Text), (Texts{"a, \"b\"", "c"}));
    EXPECT_TRUE(textsOf("", DataFormat::Text).empty());
    EXPECT_EQ(fileOf("a\n", DataFormat::Text).notes(),
              (Texts{"text is the whole line; empty lines are skipped", "no label"}));
    EXPECT_THROW(fileOf("a\n", DataFormat::Text, {"text", {}, {}}), Error);
}

TEST(DataColumns, AreGuessedByNameAndSaid) {
    EXPECT_EQ(fileOf("id,Sentence,Label\n").notes(),
              (Texts{"text is the column \"Sentence\" (guessed)",
                     "label is the column \"Label\" (guessed)"}));
    EXPECT_EQ(fileOf("only\n").notes(),
              (Texts{"text is the column \"only\" (guessed)", "no label"}));
    EXPECT_EQ(fileOf("label\n").notes(),
              (Texts{"text is the column \"label\" (guessed)", "no label"}));
    EXPECT_EQ(fileOf("prompt,text,gold\n").notes().front(),
              "text is the column \"text\" (guessed)");
}

TEST(DataColumns, ThatAreNamedAreNotGuessed) {
    const DataColumns columns = {"b", "a", {"text"}};
    DataFile file = fileOf("a,b,text\n1,2,3\n", DataFormat::Csv, columns);
    EXPECT_EQ(file.notes(), (Texts{"text is the column \"b\"", "label is the column \"a\"",
                                   "a further column is the column \"text\""}));
    const DataRow row = file.next().value();
    EXPECT_EQ(row.text, "2");
    EXPECT_EQ(row.label, "1");
    EXPECT_EQ(row.others, (Texts{"3"}));
}

struct BadFile {
    std::string bytes;
    DataFormat format;
    DataColumns columns;
    std::string message;
};

TEST(DataFile, SkipsEmptyLinesOfATextAndSaysSo) {
    DataFile file = fileOf("\na\n \n\nb\n\n", DataFormat::Text, {});
    EXPECT_NE(file.notes().front().find("empty lines are skipped"), std::string::npos);
    const std::vector<DataRow> rows = rowsOf(std::move(file));
    ASSERT_EQ(rows.size(), 2U);
    EXPECT_EQ(rows[0].text + rows[1].text, "ab");
    EXPECT_EQ(rows[1].number, 1U);
    EXPECT_EQ(rows[1].line, 5U);
}

TEST(DataFile, RefusesWhatIsWrongAndNamesFileAndLine) {
    using enum DataFormat;
    const std::string longText(201, 'x');
    const BadFile files[] = {
        {"", Csv, {}, "data: line 1: no header: the file is empty"},
        {"\n", Csv, {}, "data: line 1: no header: an empty line"},
        {"a,b\n1,2\n", Csv, {}, "data: line 1: which column is the text? Name one of \"a\", \"b\""},
        {"a,b\n", Csv, {"c", {}, {}}, "data: line 1: no column \"c\"; there are \"a\", \"b\""},
        {"a,a\n", Csv, {"a", {}, {}}, "data: line 1: more than one column \"a\""},
        {"text,b\n1,2\n3\n", Csv, {}, "data: line 3: 1 fields, of which the header has 2"},
        {"text\n1,2\n", Csv, {}, "data: line 2: 2 fields, of which the header has 1"},
        {"text\n1\n\n2\n", Csv, {}, "data: line 3: an empty line between rows"},
        {"text,b\n,2\n", Csv, {}, "data: line 2: the text is empty"},
        {"text\na\"b\n", Csv, {}, "data: line 2: a quote within a field"},
        {"text\n\"a\"b\n", Csv, {}, "data: line 2: neither a comma nor the line's end"},
        {"text\na\n\"b\nc\n", Csv, {}, "data: line 3: a quote that is never closed"},
        {"text\na\rb\n", Csv, {}, "data: line 2: a carriage return without a line feed"},
        {"text\n\xff\n", Csv, {}, "data: line 2: not UTF-8"},
        {"text\n\"a\n\xed\xa0\x80\"\n", Csv, {}, "data: line 3: not UTF-8"},
        {std::string("text\na\0b\n", 9), Csv, {}, "data: line 2: a NUL byte"},
        {"text\n" + longText, Csv, {}, "data: line 2: longer than 200 bytes"},
        {"text\n\"" + longText.substr(100) + "\n" + longText.substr(100) + "\"\n",
         Csv,
         {},
         "data: line 2: a quoted field makes the row longer than 200 bytes"},
        {"{\"text\": \"a\"}\n{\"b\": 1}\n", JsonLines, {}, "data: line 2: no member \"text\""},
        {"{\"text\": \"a\"}\n{\"text\": [1]}\n", JsonLines, {}, "data: line 2: no member \"text\""},
        {"{\"text\": \"a\"}\n[1]\n", JsonLines, {}, "data: line 2: no JSON object"},
        {"{\"text\": \"a\"}\n{\"text\": \n", JsonLines, {}, "data: line 2"},
        {"{\"text\": \"\"}\n", JsonLines, {}, "data: line 1: the text is empty"},
        {"{\"text\": \"a\"}\n\n{\"text\": \"a\"}\n", JsonLines, {}, "line 2: an empty line"},
    };
    for (const BadFile& bad : files) {
        try {
            rowsOf(fileOf(bad.bytes, bad.format, bad.columns));
            ADD_FAILURE() << bad.message << ": was read";
        } catch (const Error& error) {
            EXPECT_EQ(error.kind(), ErrorKind::InputFile) << bad.message;
            EXPECT_NE(std::string(error.what()).find(bad.message), std::string::npos)
                << error.what() << "\nand not: " << bad.message;
        }
    }
}

TEST(DataFile, GivesTheRowsBeforeABadOne) {
    DataFile file = fileOf("text\na\nb\n\xff\n");
    EXPECT_EQ(file.next()->text, "a");
    EXPECT_EQ(file.next()->text, "b");
    EXPECT_THROW(file.next(), Error);
}

// As of a disk that fails half way: a folder opens, and cannot be read.
TEST(DataFile, SaysWhenAFileCannotBeRead) {
    const ScratchFolder folder;
    auto stream = std::make_unique<std::ifstream>(folder.path(), std::ios::binary);
    ASSERT_TRUE(stream->is_open());
    try {
        DataFile(std::move(stream), "data", DataFormat::Csv);
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::InputFile);
        EXPECT_STREQ(error.what(), "data: line 1: cannot be read");
    }
}

TEST(DataFile, OpensByTheEndOfTheName) {
    EXPECT_EQ(dataFormatOf("a/b.CSV"), DataFormat::Csv);
    EXPECT_EQ(dataFormatOf("b.ndjson"), DataFormat::JsonLines);
    EXPECT_THROW(dataFormatOf("b.parquet"), Error);
    const ScratchFolder folder;
    EXPECT_THROW(DataFile::open(folder / "absent.csv"), Error);
    std::filesystem::create_directory(folder / "folder.csv");
    EXPECT_THROW(DataFile::open(folder / "folder.csv"), Error);
    std::ofstream(folder / "a.txt") << "one\ntwo";
    DataFile file = DataFile::open(folder / "a.txt");
    EXPECT_EQ(file.next()->text, "one");
    EXPECT_EQ(file.next()->text, "two");
    EXPECT_FALSE(file.next());
    EXPECT_FALSE(file.next());
}

struct SharedFile {
    std::string path;
    DataColumns columns;
    std::size_t rows;
};

TEST(DataFile, ReadsTheDataSetsOfTheSharedFolder) {
    const SharedFile files[] = {
        {"data/identity-madlibs/bias_madlibs_77k.csv", {}, 76564},
        {"data/eec/Equity-Evaluation-Corpus.csv", {{}, "Emotion", {"Template"}}, 8640},
        {"data/toxic-spans/tsd_train.csv", {}, 7939},
        {"data/crows-pairs/prompts.csv", {}, 1508},
        {"data/trained/sentiment-bert/heldout.csv", {}, 500},
    };
    for (const SharedFile& shared : files) {
        REQUIRE_SHARED(file, shared.path);
        EXPECT_EQ(rowsOf(DataFile::open(file, shared.columns)).size(), shared.rows) << shared.path;
    }
}

}  // namespace
}  // namespace driftlens
