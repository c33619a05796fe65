// What the structure of a PDF needs for readers that cannot see its pages, and Cairo does not
// write. Private to reports/pdf.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace driftlens::pdf {

// A structure element, as Cairo was told of it, and what its dictionary must have besides.
struct StructureMark {
    std::string name;   // "Figure"
    std::string extra;  // "/Alt <FEFF…>", or nothing
};

// A text as a PDF's dictionaries hold it, any characters.
std::string pdfTextString(std::string_view utf8);

// The document with one root element over all others, its language, the mark that it is tagged, and
// each element's extra: as an incremental update (ISO 32000-1, 7.5.6) behind Cairo's bytes, which
// stay as they are. `marks` are all elements in the order in which they were opened. It is no
// PDF/UA: Cairo 1.16 cannot mark headers, footers and backgrounds as decoration. Throws
// Error(Internal) if these are not the elements of the document.
std::string withStructure(std::string pdf, const std::vector<StructureMark>& marks,
                          const std::string& language);

}  // namespace driftlens::pdf
