// Folders that have vocabulary files in the place of tokenizer.json.
#include "core/tokenizer/vocabulary_files.h"

#include "core/base/error.h"
#include "core/tokenizer/tokenizer.h"
#include "tests/support/program.h"

#include <gtest/gtest.h>

#include <fstream>

namespace driftlens {
namespace {

namespace fs = std::filesystem;

using Ids = std::vector<std::int64_t>;

TEST(VocabularyFiles, ServeFoldersWithoutTokenizerJson) {
    const ScratchFolder folder;
    std::ofstream(folder / "vocab.txt") << "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nthe\nfilm\n##s\n";
    const auto tokenizer = Tokenizer::load(folder.path());
    EXPECT_EQ(tokenizer->encode("The films").ids(), (Ids{2, 5, 6, 7, 3}));
    EXPECT_EQ(tokenizer->specialTokens().mask, 4);
    std::ofstream(folder / "tokenizer_config.json") << R"({"do_lower_case": false})";
    EXPECT_EQ(Tokenizer::load(folder.path())->encode("The films").ids(), (Ids{2, 1, 6, 7, 3}));
}

TEST(VocabularyFiles, AreRefusedByNameWhereTheyCannotServe) {
    const auto kindOf = [](const ScratchFolder& folder) {
        try {
            Tokenizer::load(folder.path());
        } catch (const Error& error) {
            return error.kind();
        }
        return ErrorKind::Internal;
    };
    const ScratchFolder sentencePiece;
    std::ofstream(sentencePiece / "tokenizer.model") << "x";
    EXPECT_EQ(kindOf(sentencePiece), ErrorKind::Unsupported);
    const ScratchFolder unknownClass;
    std::ofstream(unknownClass / "vocab.txt") << "a\n";
    std::ofstream(unknownClass / "tokenizer_config.json")
        << R"({"tokenizer_class": "MecabTokenizer"})";
    EXPECT_EQ(kindOf(unknownClass), ErrorKind::Unsupported);
    const ScratchFolder empty;
    std::ofstream(empty / "vocab.txt") << "";
    EXPECT_EQ(kindOf(empty), ErrorKind::InputFile);
    const ScratchFolder broken;
    std::ofstream(broken / "vocab.json") << "[1]";
    std::ofstream(broken / "merges.txt") << "a b\n";
    EXPECT_EQ(kindOf(broken), ErrorKind::InputFile);
}

}  // namespace
}  // namespace driftlens
