// What a report shows, in order, before any format: the HTML and the PDF writer render this and
// nothing else, so that both say the same. Plain text throughout; writers escape it.
#pragma once

#include <string>
#include <variant>
#include <vector>

namespace driftlens {

// How a statement is meant. Writers always print its word beside the colour.
enum class Tone { Neutral, Good, Caution, Bad };

struct Subheading {
    std::string text;
};

struct Paragraph {
    std::string text;
    bool isSmall = false;  // notes under tables and figures
};

// A statement that must not be missed: a verdict, the verification status.
struct Callout {
    Tone tone = Tone::Neutral;
    std::string label;  // "MATERIAL", "VERIFIED": the meaning without the colour
    std::string text;
};

struct BulletList {
    std::vector<std::string> items;
    bool isNumbered = false;
};

// A fact per row: its name and its value.
struct Fact {
    std::string name;
    std::string value;
    bool isCode = false;  // digests, commands: fixed width, may break anywhere
};
struct FactTable {
    std::vector<Fact> facts;
};

enum class ColumnKind { Text, Number, Code };
struct Column {
    std::string title;
    ColumnKind kind = ColumnKind::Text;
};
struct Table {
    std::string id;       // of its CSV file: "drift", "examples"
    std::string caption;  // what it shows, in one sentence
    std::vector<Column> columns;
    std::vector<std::vector<std::string>> rows;  // as wide as `columns`
};

// Drawn once, by reports/figures.
struct FigureBlock {
    std::string svg;          // a whole <svg> element
    std::string title;        // above it
    std::string description;  // the alternative text: what it says in words
};

struct CodeBlock {
    std::string text;  // commands, signed notes: lines kept
};

using Block = std::variant<Subheading, Paragraph, Callout, BulletList, FactTable, Table,
                           FigureBlock, CodeBlock>;

struct Section {
    std::string id;     // "verdict": stable, for links and for choosing sections
    std::string title;  // numbered by the writers
    std::vector<Block> blocks;
};

struct ReportLayout {
    std::string title;
    std::string subtitle;
    std::string language = "en";
    std::string sha256;  // hex, of the report's JSON; on every page
    std::vector<Section> sections;
};

}  // namespace driftlens
