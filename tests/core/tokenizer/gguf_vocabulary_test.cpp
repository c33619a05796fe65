// Vocabularies of GGUF files: their kinds, their contradictions. (What llama.cpp recorded is in
// recorded_cases_test.)
#include "core/tokenizer/gguf_vocabulary.h"

#include "core/base/error.h"
#include "core/tokenizer/tokenizer.h"

#include <gtest/gtest.h>

namespace driftlens {
namespace {

using Ids = std::vector<std::int64_t>;

GgufVocabulary tiny(const std::string& model) {
    GgufVocabulary out;
    out.model = model;
    out.tokens = {"<unk>", "<s>", "</s>", "▁", "a", "b", "ab", "▁ab", "<0x0A>", "<tool>"};
    out.tokenTypes = {2, 3, 3, 1, 1, 1, 1, 1, 6, 4};
    out.scores = {0, 0, 0, -3, -4, -5, -1, -2, 0, 0};
    out.unknown = 0;
    out.bos = 1;
    out.eos = 2;
    return out;
}

TEST(GgufVocabulary, JoinsByScoreAndFallsBackToBytes) {
    const auto tokenizer = Tokenizer::fromGgufVocabulary(tiny("llama"));
    EXPECT_EQ(tokenizer->encode("ab b\n").ids(), (Ids{1, 7, 3, 5, 8}));
    EXPECT_EQ(tokenizer->decode(Ids{1, 7, 3, 5, 8}, true), "ab b\n");
    EXPECT_EQ(tokenizer->encode("éé", false).ids(), (Ids{3, 0}));
    // User-defined tokens are found in any case, control tokens on demand.
    EXPECT_EQ(tokenizer->encode("<tool></s>", EncodeOptions{false, true}).ids(), (Ids{9, 2}));
    EXPECT_EQ(tokenizer->encode("<tool>", EncodeOptions{false, false}).ids(), (Ids{9}));
    EXPECT_NE(tokenizer->encode("</s>", EncodeOptions{false, false}).ids(), (Ids{2}));
}

TEST(GgufVocabulary, TakesTheLikeliestPiecesForT5) {
    const auto tokenizer = Tokenizer::fromGgufVocabulary(tiny("t5"));
    EXPECT_EQ(tokenizer->encode("ab").ids(), (Ids{7, 2}));
}

TEST(GgufVocabulary, KnowsEveryRowOfPreTokenizers) {
    for (const std::string_view name : ggufPreTokenizers()) {
        GgufVocabulary vocabulary;
        vocabulary.model = "gpt2";
        vocabulary.pre = name;
        for (int byte = 33; byte < 127; ++byte)
            vocabulary.tokens.emplace_back(1, static_cast<char>(byte));
        vocabulary.tokens.insert(vocabulary.tokens.end(), {"Ġ", "Ċ", "ab"});
        vocabulary.merges = {"a b"};
        const auto tokenizer = Tokenizer::fromGgufVocabulary(vocabulary);
        const std::string text = "It's 2024: ab,  AB\n\n x";
        EXPECT_EQ(tokenizer->decode(tokenizer->encode(text).ids()), text) << name;
    }
}

TEST(GgufVocabulary, IsRefusedByNameWhereItContradictsItself) {
    const auto kindOf = [](const GgufVocabulary& vocabulary) {
        try {
            Tokenizer::fromGgufVocabulary(vocabulary);
        } catch (const Error& error) {
            return error.kind();
        }
        return ErrorKind::Internal;
    };
    GgufVocabulary unknownModel = tiny("rwkv");
    EXPECT_EQ(kindOf(unknownModel), ErrorKind::Unsupported);
    GgufVocabulary unknownPre = tiny("gpt2");
    unknownPre.pre = "magic";
    EXPECT_EQ(kindOf(unknownPre), ErrorKind::Unsupported);
    GgufVocabulary shortScores = tiny("llama");
    shortScores.scores.pop_back();
    EXPECT_EQ(kindOf(shortScores), ErrorKind::InputFile);
    GgufVocabulary strangeId = tiny("llama");
    strangeId.bos = 10;
    EXPECT_EQ(kindOf(strangeId), ErrorKind::InputFile);
    GgufVocabulary noPair = tiny("gpt2");
    noPair.merges = {"ab"};
    EXPECT_EQ(kindOf(noPair), ErrorKind::InputFile);
    EXPECT_EQ(kindOf(GgufVocabulary{}), ErrorKind::InputFile);
}

}  // namespace
}  // namespace driftlens
