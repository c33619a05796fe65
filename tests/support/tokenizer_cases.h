// Tokenizers against the encodings that their reference libraries recorded (READMEs of
// ../shared/data/{hf-tiny,tokenizers,ggml-vocab}).
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

namespace driftlens {

struct CaseCount {
    std::string tokenizer;
    std::size_t cases = 0;     // that were run
    std::size_t expected = 0;  // that the README says can be run
    std::vector<std::string> failed;
    bool passes() const { return failed.empty() && cases == expected; }
};

// `data` is the shared folder's data/. Ids, pieces, offsets, types, masks and decoded texts, single
// texts and pairs:
std::vector<CaseCount> tinyTokenizers(const std::filesystem::path& data);
// Ids alone:
std::vector<CaseCount> transformersJsTokenizers(const std::filesystem::path& data);
std::vector<CaseCount> swiftTokenizers(const std::filesystem::path& data);
std::vector<CaseCount> ggmlVocabularies(const std::filesystem::path& data);
CaseCount bertQuestions(const std::filesystem::path& data);  // ids and pieces

}  // namespace driftlens
