#include "reports/pdf/structure.h"

#include "core/base/display_text.h"
#include "core/base/error.h"
#include "core/tokenizer/aligned_text.h"

#include <array>
#include <charconv>
#include <cstdio>
#include <map>

namespace driftlens::pdf {
namespace {

[[noreturn]] void fail(const std::string& what) {
    throw Error(ErrorKind::Internal, "pdf: the structure of Cairo's document: " + what);
}

std::size_t numberAt(std::string_view text, std::size_t at) {
    std::size_t out = 0;
    const auto read = std::from_chars(text.data() + at, text.data() + text.size(), out);
    if (at >= text.size() || read.ec != std::errc()) fail("a number is wanted");
    return out;
}

std::string indirect(std::size_t number) {
    return std::to_string(number) + " 0 R";
}

// The objects of a document with one table of cross references, as Cairo writes it.
class Document {
public:
    explicit Document(std::string_view bytes) : m_bytes(bytes) {
        m_table = numberAt(bytes, after("startxref\n", bytes.rfind("startxref\n")));
        std::size_t at = after("xref\n0 ", m_table);
        const std::size_t count = numberAt(bytes, at);
        at = bytes.find('\n', at) + 1;
        constexpr std::size_t kEntry = 20;
        if (at + count * kEntry > bytes.size()) fail("the table is cut short");
        for (std::size_t i = 0; i < count; ++i)
            m_offsets.push_back(numberAt(bytes, at + i * kEntry));
        m_trailer = at + count * kEntry;
    }

    std::size_t size() const { return m_offsets.size(); }
    std::size_t table() const { return m_table; }

    // Between "<<" and ">>"; empty for what is no dictionary alone (a stream, an array).
    std::string_view dictionary(std::size_t number) const {
        const std::string begin = std::to_string(number) + " 0 obj\n<< ";
        const std::size_t at = m_offsets[number];
        if (m_bytes.compare(at, begin.size(), begin) != 0) return {};
        const std::size_t end = m_bytes.find("\n>>\nendobj", at);
        if (end == std::string_view::npos) return {};
        const std::string_view out = m_bytes.substr(at + begin.size(), end - at - begin.size());
        return out.find("endobj") == std::string_view::npos ? out : std::string_view();
    }

    // The object that the trailer's entry refers to.
    std::size_t inTrailer(const std::string& key) const {
        return numberAt(m_bytes, after(key, m_bytes.find(key, m_trailer)));
    }

private:
    std::size_t after(const std::string& text, std::size_t at) const {
        if (at == std::string_view::npos || m_bytes.compare(at, text.size(), text) != 0)
            fail("no " + text.substr(0, text.find('\n')));
        return at + text.size();
    }

    std::string_view m_bytes;
    std::size_t m_table = 0, m_trailer = 0;
    std::vector<std::size_t> m_offsets;
};

// "/S /Figure": the name of a structure element.
std::string nameOf(std::string_view dictionary) {
    constexpr std::string_view kKey = "/S /";
    const std::size_t at = dictionary.find(kKey);
    if (at == std::string_view::npos) return {};
    const std::size_t begin = at + kKey.size();
    return std::string(dictionary.substr(begin, dictionary.find('\n', begin) - begin));
}

std::size_t referenceIn(std::string_view dictionary, std::string_view key) {
    const std::size_t at = dictionary.find(key);
    if (at == std::string_view::npos) fail("no " + std::string(key));
    return numberAt(dictionary, at + key.size());
}

// By number, the dictionaries that take the place of Cairo's.
using Objects = std::map<std::size_t, std::string>;

void addMarks(const Document& document, const std::vector<StructureMark>& marks, Objects& out) {
    std::size_t next = 0;
    for (std::size_t number = 1; number < document.size(); ++number) {
        const std::string_view own = document.dictionary(number);
        if (!own.starts_with("/Type /StructElem\n")) continue;
        if (next == marks.size() || nameOf(own) != marks[next].name)
            fail("another element than was told, " + nameOf(own));
        if (!marks[next].extra.empty())
            out[number] = std::string(own) + "\n   " + marks[next].extra;
        ++next;
    }
    if (next != marks.size()) fail(std::to_string(marks.size() - next) + " elements are not there");
}

// Cairo's root becomes the element over all others, and a new object the root: so its children's
// reference to their parent holds.
void addRoot(const Document& document, const std::string& language, Objects& out) {
    const std::size_t catalog = document.inTrailer("/Root ");
    const std::string_view cairos = document.dictionary(catalog);
    const std::size_t whole = referenceIn(cairos, "/StructTreeRoot ");
    const std::size_t root = document.size();
    std::string element(document.dictionary(whole));
    constexpr std::string_view kType = "/Type /StructTreeRoot";
    if (!element.starts_with(kType)) fail("no root");
    const std::string parents = indirect(referenceIn(element, "/ParentTree "));
    element.replace(0, element.find("/K "),
                    "/Type /StructElem\n   /S /Document\n   /P " + indirect(root) + "\n   ");
    out[whole] = element;
    out[root] = std::string(kType) + "\n   /ParentTree " + parents + "\n   /K " + indirect(whole);
    std::string own(cairos);
    const std::string reference = "/StructTreeRoot " + indirect(whole);
    own.replace(own.find(reference), reference.size(), "/StructTreeRoot " + indirect(root));
    out[catalog] = own + "\n   /MarkInfo << /Marked true >>\n   /Lang " + pdfTextString(language) +
                   "\n   /ViewerPreferences << /DisplayDocTitle true >>";
}

}  // namespace

std::string pdfTextString(std::string_view utf8) {
    const std::string text = textForXml(utf8);
    std::string out = "<FEFF";
    const auto add = [&](char32_t unit) {
        std::array<char, 8> hex{};
        std::snprintf(hex.data(), hex.size(), "%04X", static_cast<unsigned>(unit));
        out += hex.data();
    };
    for (std::size_t at = 0; at < text.size();) {
        const char32_t point = nextPoint(text, at);
        if (point < 0x10000U) {
            add(point);
        } else {  // a pair of surrogates
            add(0xD800U + ((point - 0x10000U) >> 10U));
            add(0xDC00U + ((point - 0x10000U) & 0x3FFU));
        }
    }
    return out + ">";
}

std::string withStructure(std::string pdf, const std::vector<StructureMark>& marks,
                          const std::string& language) {
    if (marks.empty()) return pdf;
    const Document document(pdf);
    Objects objects;
    addMarks(document, marks, objects);
    addRoot(document, language, objects);
    const std::string end = "trailer\n<< /Size " + std::to_string(document.size() + 1) +
                            "\n   /Root " + indirect(document.inTrailer("/Root ")) + "\n   /Info " +
                            indirect(document.inTrailer("/Info ")) + "\n   /Prev " +
                            std::to_string(document.table()) + "\n>>\n";
    std::string update, table = "xref\n";
    for (const auto& [number, dictionary] : objects) {
        std::array<char, 24> entry{};
        std::snprintf(entry.data(), entry.size(), "%010zu 00000 n \n", pdf.size() + update.size());
        table += std::to_string(number) + " 1\n" + entry.data();
        update += std::to_string(number) + " 0 obj\n<< " + dictionary + "\n>>\nendobj\n";
    }
    const std::size_t start = pdf.size() + update.size();
    return pdf + update + table + end + "startxref\n" + std::to_string(start) + "\n%%EOF\n";
}

}  // namespace driftlens::pdf
