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

// OPT: GPT-2's class with </s> before each text.
TEST(VocabularyFiles, GiveOptItsLeadingToken) {
    const ScratchFolder folder;
    std::ofstream(folder / "vocab.json") << R"({"</s>": 0, "a": 1, "b": 2, "ab": 3})";
    std::ofstream(folder / "merges.txt") << "#version: 0.2\na b\n";
    std::ofstream(folder / "tokenizer_config.json") << R"({"tokenizer_class": "GPT2Tokenizer",
        "add_bos_token": true, "bos_token": "</s>",
        "added_tokens_decoder": {"4": {"content": "<x>", "special": true}}})";
    const auto tokenizer = Tokenizer::load(folder.path());
    EXPECT_EQ(tokenizer->encode("ab<x>b").ids(), (Ids{0, 3, 4, 2}));
    EXPECT_EQ(tokenizer->encodePair("ab", "a").ids(), (Ids{0, 3, 0, 1}));
    EXPECT_EQ(tokenizer->specialTokens().bos, 0);
}

TEST(VocabularyFiles, GiveRobertaItsFrame) {
    const ScratchFolder folder;
    std::ofstream(folder / "vocab.json") << R"({"<s>": 0, "</s>": 1, "a": 2})";
    std::ofstream(folder / "merges.txt") << "";
    std::ofstream(folder / "tokenizer_config.json")
        << R"({"tokenizer_class": "RobertaTokenizerFast"})";
    EXPECT_EQ(Tokenizer::load(folder.path())->encodePair("a", "a").ids(), (Ids{0, 2, 1, 1, 2, 1}));
}

TEST(ChatTemplates, AreShownByName) {
    const ScratchFolder folder;
    std::ofstream(folder / "vocab.txt") << "[UNK]\na\n";
    std::ofstream(folder / "tokenizer_config.json")
        << R"({"chat_template": [{"name": "tools", "template": "T"}]})";
    std::ofstream(folder / "chat_template.jinja") << "{{ messages }}";
    const auto tokenizer = Tokenizer::load(folder.path());
    const auto& templates = tokenizer->chatTemplates();
    EXPECT_EQ(templates,
              (std::map<std::string, std::string>{{"default", "{{ messages }}"}, {"tools", "T"}}));
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
    EXPECT_EQ(kindOf(sentencePiece), ErrorKind::InputFile);
    std::ofstream(sentencePiece / "tokenizer_config.json")
        << R"({"tokenizer_class": "XLMRobertaTokenizer"})";
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
