// The GGUF reader: independently made files, good and hostile, and files built byte by byte.
#include "core/files/gguf.h"

#include "core/base/error.h"
#include "core/base/json.h"
#include "tests/support/fixtures.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <fstream>
#include <functional>
#include <unistd.h>

namespace driftlens {
namespace {

namespace fs = std::filesystem;

template <typename T>
std::string raw(T value) {
    return {reinterpret_cast<const char*>(&value), sizeof(value)};
}
std::string rawString(const std::string& text) {
    return raw<std::uint64_t>(text.size()) + text;
}
template <typename T>
std::string pair(const std::string& key, GgufType type, T value) {
    return rawString(key) + raw(type) + raw(value);
}
std::string arrayOf(const std::string& key, GgufType type, std::uint64_t count,
                    const std::string& elements) {
    return rawString(key) + raw(GgufType::Array) + raw(type) + raw(count) + elements;
}
std::string described(const std::string& name, const std::vector<std::int64_t>& sizes,
                      std::uint32_t type, std::uint64_t offset) {
    std::string out =
        rawString(name) + raw<std::uint32_t>(static_cast<std::uint32_t>(sizes.size()));
    for (const std::int64_t size : sizes) out += raw(size);
    return out + raw(type) + raw(offset);
}

// A file in the making; counts follow from its parts unless they are given.
struct Draft {
    std::string magic = "GGUF";
    std::uint32_t version = 3;
    std::vector<std::string> pairs;
    std::vector<std::string> tensors;
    std::string data;
    std::optional<std::uint64_t> tensorCount;
    std::optional<std::uint64_t> pairCount;
    std::size_t alignment = 32;

    std::string bytes() const {
        std::string out = magic + raw(version) + raw(tensorCount.value_or(tensors.size())) +
                          raw(pairCount.value_or(pairs.size()));
        for (const std::string& p : pairs) out += p;
        for (const std::string& t : tensors) out += t;
        if (!tensors.empty()) out.resize((out.size() + alignment - 1) / alignment * alignment);
        return out + data;
    }
};

// Two tensors, Q4_0 [2, 32] and F32 [3], and a key of most kinds.
Draft goodDraft() {
    Draft draft;
    draft.pairs = {
        pair<std::uint32_t>("a.u32", GgufType::U32, 7),
        pair<float>("a.f32", GgufType::F32, 0.5F),
        pair<std::uint8_t>("a.bool", GgufType::Bool, 1),
        rawString("a.text") + raw(GgufType::String) + rawString("hello"),
        arrayOf("a.texts", GgufType::String, 2, rawString("x") + rawString("")),
        arrayOf("a.floats", GgufType::F32, 2, raw(1.0F) + raw(2.0F)),
        arrayOf("a.ints", GgufType::I16, 2, raw<std::int16_t>(-1) + raw<std::int16_t>(9))};
    draft.tensors = {described("q", {32, 2}, 2, 0), described("f", {3}, 0, 64)};
    draft.data = std::string(36, '\0') + std::string(28, '\0') + raw(1.0F) + raw(2.0F) + raw(3.0F);
    return draft;
}

class GgufTest : public ::testing::Test {
protected:
    void SetUp() override {
        m_folder = fs::temp_directory_path() / ("driftlens-gguf-" + std::to_string(::getpid()));
        fs::create_directories(m_folder);
    }
    void TearDown() override { fs::remove_all(m_folder); }

    fs::path write(const std::string& name, const std::string& content) const {
        std::ofstream(m_folder / name, std::ios::binary) << content;
        return m_folder / name;
    }
    GgufPart read(const std::string& content) const {
        return readGgufPart(MappedFile::open(write("t.gguf", content)));
    }
    // The message the content is refused with; empty if it is accepted.
    std::string refusal(const std::string& content) const {
        try {
            read(content);
        } catch (const Error& error) {
            EXPECT_EQ(error.kind(), ErrorKind::InputFile) << error.what();
            return error.what();
        }
        return {};
    }

    fs::path m_folder;
};

TEST_F(GgufTest, ReadsMetadataOfEveryKind) {
    const GgufPart part = read(goodDraft().bytes());
    const GgufMetadata& m = part.metadata;
    EXPECT_EQ(part.version, 3U);
    EXPECT_EQ(part.alignment, 32U);
    EXPECT_EQ(m.values().size(), 7U);
    EXPECT_EQ(m.integer("a.u32"), 7);
    EXPECT_EQ(m.integerOr("absent", 3), 3);
    EXPECT_EQ(m.number("a.f32"), 0.5);
    EXPECT_TRUE(m.boolean("a.bool"));
    EXPECT_EQ(m.text("a.text"), "hello");
    EXPECT_EQ(m.texts("a.texts"), (std::vector<std::string_view>{"x", ""}));
    EXPECT_EQ(m.floats("a.floats", 2), (std::vector<float>{1.0F, 2.0F}));
    EXPECT_EQ(m.integers("a.ints"), (std::vector<std::int64_t>{-1, 9}));
}

TEST_F(GgufTest, GettersRefuseWrongTypesCountsAndRanges) {
    const GgufPart part = read(goodDraft().bytes());
    const GgufMetadata& m = part.metadata;
    const std::vector<std::pair<std::string, std::function<void()>>> wrong = {
        {"a.u32", [&] { m.integer("a.u32", 0, 6); }}, {"a.u32", [&] { m.integer("a.u32", 8); }},
        {"a.u32", [&] { m.number("a.u32"); }},        {"a.u32", [&] { m.integers("a.u32"); }},
        {"a.f32", [&] { m.integer("a.f32"); }},       {"a.f32", [&] { m.text("a.f32"); }},
        {"a.text", [&] { m.boolean("a.text"); }},     {"a.texts", [&] { m.texts("a.texts", 3); }},
        {"a.texts", [&] { m.text("a.texts"); }},      {"a.texts", [&] { m.integers("a.texts"); }},
        {"a.ints", [&] { m.floats("a.ints"); }},  // scores declared as bytes: llama.cpp PR 26690
        {"a.floats", [&] { m.texts("a.floats"); }},   {"a.floats", [&] { m.booleans("a.floats"); }},
        {"absent", [&] { m.text("absent"); }},
    };
    for (const auto& [key, get] : wrong) {
        try {
            get();
            ADD_FAILURE() << key;
        } catch (const Error& error) {
            EXPECT_EQ(error.kind(), ErrorKind::InputFile);
            EXPECT_NE(std::string(error.what()).find("t.gguf: key \"" + key), std::string::npos)
                << error.what();
        }
    }
}

TEST_F(GgufTest, ReadsTensorsInTorchOrder) {
    const GgufPart part = read(goodDraft().bytes());
    ASSERT_EQ(part.tensors.size(), 2U);
    EXPECT_EQ(part.tensors[0].shape, (std::vector<std::int64_t>{2, 32}));
    EXPECT_EQ(part.tensors[0].format->name, "Q4_0");
    EXPECT_EQ(part.tensors[0].bytesPerRow(), 18U);
    EXPECT_EQ(part.tensors[0].bytes.size(), 36U);
    std::vector<float> values(3);
    part.tensors[1].dequantize(0, 1, values);
    EXPECT_EQ(values, (std::vector<float>{1.0F, 2.0F, 3.0F}));
    EXPECT_THROW(part.tensors[0].dequantize(1, 2, values), Error);
    EXPECT_THROW(part.tensors[0].dequantize(0, 1, values), Error);  // out is too small
}

TEST_F(GgufTest, RefusesEveryHostileFile) {
    const auto with = [](const std::function<void(Draft&)>& change) {
        Draft draft = goodDraft();
        change(draft);
        return draft.bytes();
    };
    const auto tensor = [&](const std::string& description) {
        return with([&](Draft& d) { d.tensors = {description}; });
    };
    const auto key = [&](const std::string& bytes) {
        return with([&](Draft& d) { d.pairs.push_back(bytes); });
    };
    constexpr std::int64_t kBig = std::int64_t{1} << 62;
    const std::vector<std::tuple<std::string, std::string, std::string>> bad = {
        {"magic", with([](Draft& d) { d.magic = "GGML"; }), "GGML"},
        {"version 0", with([](Draft& d) { d.version = 0; }), "version 0"},
        {"version 1", with([](Draft& d) { d.version = 1; }), "version 1"},
        {"future version", with([](Draft& d) { d.version = 4; }), "version 4"},
        {"byte order", with([](Draft& d) { d.version = 0x03000000; }), "big-endian"},
        {"-1 tensors", with([](Draft& d) { d.tensorCount = ~0ULL; }), "18446744073709551615"},
        {"-1 pairs", with([](Draft& d) { d.pairCount = ~0ULL; }), "18446744073709551615"},
        {"more pairs", with([](Draft& d) { d.pairCount = 60; }), "60"},
        {"empty key", key(pair<std::uint32_t>("", GgufType::U32, 1)), "key is empty"},
        {"key length", key(raw<std::uint64_t>(~0ULL)), "18446744073709551615"},
        {"key with NUL", key(pair<std::uint8_t>(std::string("a\0b", 3), GgufType::U8, 1)), "UTF-8"},
        {"long key", key(pair<std::uint8_t>(std::string(65536, 'k'), GgufType::U8, 1)), "65536"},
        {"text length", key(rawString("k") + raw(GgufType::String) + raw<std::uint64_t>(1U << 20)),
         "\"k\""},
        {"type -1", key(rawString("k") + raw<std::int32_t>(-1) + raw(0)), "4294967295"},
        {"type 13", key(rawString("k") + raw<std::int32_t>(13) + raw(0)), "type 13"},
        {"bool 2", key(pair<std::uint8_t>("k", GgufType::Bool, 2)), "boolean 2"},
        {"array count", key(arrayOf("k", GgufType::U64, ~0ULL / 4, "")), "\"k\""},
        {"array size", key(arrayOf("k", GgufType::U64, 1U << 28, "")), "\"k\""},
        {"texts count", key(arrayOf("k", GgufType::String, 1U << 30, "")), "\"k\""},
        {"nested array", key(arrayOf("k", GgufType::Array, 0, "")), "array of arrays"},
        {"duplicate key", key(pair<float>("a.f32", GgufType::F32, 1)), "\"a.f32\" appears twice"},
        {"alignment 0", key(pair<std::uint32_t>("general.alignment", GgufType::U32, 0)), ": 0 is"},
        {"alignment 13", key(pair<std::uint32_t>("general.alignment", GgufType::U32, 13)), ": 13 "},
        {"alignment 2^31", key(pair<std::uint32_t>("general.alignment", GgufType::U32, 1U << 31)),
         "2147483648"},
        {"alignment i32", key(pair<std::int32_t>("general.alignment", GgufType::I32, 32)), "i32"},
        {"alignments", key(arrayOf("general.alignment", GgufType::U32, 1, raw(32))), "array"},
        {"duplicate tensor", with([](Draft& d) { d.tensors[1] = described("q", {3}, 0, 64); }),
         "\"q\" appears twice"},
        {"no name", tensor(described("", {3}, 0, 0)), "name is empty"},
        {"long name", tensor(described(std::string(64, 'n'), {3}, 0, 0)), "64"},
        {"5 dimensions", tensor(described("t", {1, 1, 1, 1, 1}, 0, 0)), "5 dimensions"},
        {"dimension 0", tensor(described("t", {32, 0}, 0, 0)), "dimension 1 is 0"},
        {"dimension -1", tensor(described("t", {-1}, 0, 0)), "dimension 0 is -1"},
        {"elements overflow", tensor(described("t", {kBig, 4}, 24, 0)), "overflows"},
        {"elements wrap", tensor(described("t", {1LL << 32, 1LL << 32}, 24, 0)), "overflows"},
        {"bytes overflow", tensor(described("t", {kBig}, 28, 0)), "size overflows"},
        // ggml's padding of this size wraps to 0: llama.cpp 26978.
        {"padding", tensor(described("t", {4, (1 << 30) - 1, (1 << 30) + 1, 1}, 0, 0)), "\"t\""},
        {"type -1", tensor(described("t", {3}, ~0U, 0)), "4294967295"},
        {"type 43", tensor(described("t", {3}, 43, 0)), "type 43"},
        {"removed type", tensor(described("t", {32}, 4, 0)), "type 4,"},
        {"part of a block", tensor(described("t", {33}, 2, 0)), "block of Q4_0"},
        {"scalar of blocks", tensor(described("t", {}, 2, 0)), "block of Q4_0"},
        {"offset -1", tensor(described("t", {3}, 0, ~0ULL)), "18446744073709551615"},
        {"offset past its place", tensor(described("t", {3}, 0, 32)), "expected 0"},
        {"overlap", with([](Draft& d) { d.tensors[1] = described("f", {3}, 0, 32); }), "64"},
        {"misaligned", with([](Draft& d) { d.tensors[1] = described("f", {3}, 0, 36); }), "64"},
        {"beyond the end", tensor(described("t", {4096}, 0, 0)), "16384"},
        {"no data", with([](Draft& d) { d.data.clear(); }), "\"q\""},
    };
    ASSERT_EQ(refusal(goodDraft().bytes()), "");
    for (const auto& [what, content, told] : bad) {
        const std::string message = refusal(content);
        EXPECT_NE(message.find("t.gguf: "), std::string::npos) << what << ": " << message;
        EXPECT_NE(message.find(told), std::string::npos) << what << ": " << message;
        EXPECT_NE(message.find("(at byte "), std::string::npos) << what << ": " << message;
    }
}

// Accepted means: every tensor lies in the file, and no two share a byte.
void expectSound(const GgufPart& part, const std::string& what) {
    const std::byte* free = nullptr;
    for (const GgufTensor& tensor : part.tensors) {
        const auto file = tensor.file->bytes();
        ASSERT_LE(tensor.fileOffset() + tensor.bytes.size(), file.size()) << what;
        ASSERT_TRUE(free == nullptr || tensor.bytes.data() >= free) << what;
        ASSERT_EQ(static_cast<std::size_t>(tensor.rowCount()) * tensor.bytesPerRow(),
                  tensor.bytes.size())
            << what;
        free = tensor.bytes.data() + tensor.bytes.size();
    }
}

TEST_F(GgufTest, SurvivesEveryTruncationAndEveryFlippedBit) {
    const std::string good = goodDraft().bytes();
    for (std::size_t length = 0; length < good.size(); ++length) {
        EXPECT_NE(refusal(good.substr(0, length)), "") << length;
    }
    const std::size_t header = good.size() - goodDraft().data.size();
    int accepted = 0;
    for (std::size_t bit = 0; bit < header * 8; ++bit) {
        std::string flipped = good;
        flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << (bit % 8)));
        try {
            expectSound(read(flipped), "bit " + std::to_string(bit));
            ++accepted;
        } catch (const Error& error) {
            EXPECT_EQ(error.kind(), ErrorKind::InputFile) << error.what();
        }
    }
    EXPECT_GT(accepted, 0);  // bits of names and numbers
}

TEST_F(GgufTest, NamesTheFirstBlockThatIsNotFinite) {
    Draft draft = goodDraft();
    draft.data[18] = '\x00';  // the scale of row 1: NaN
    draft.data[19] = '\x7e';
    const GgufPart part = read(draft.bytes());
    part.tensors[1].checkIsFinite();
    const std::uint64_t at = part.tensors[0].fileOffset() + 18;
    try {
        part.tensors[0].checkIsFinite();
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::InputFile);
        const std::string message = error.what();
        EXPECT_NE(message.find("tensor \"q\": element 32 "), std::string::npos) << message;
        EXPECT_NE(message.find("at byte " + std::to_string(at)), std::string::npos) << message;
    }
}

TEST_F(GgufTest, NamesAFormatItCannotDequantise) {
    Draft draft;
    draft.tensors = {described("t", {256}, 16, 0)};
    draft.data = std::string(66, '\0');
    const GgufPart part = read(draft.bytes());
    std::vector<float> out(256);
    try {
        part.tensors[0].dequantize(0, 1, out);
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::Unsupported);
        EXPECT_NE(std::string(error.what()).find("t.gguf: tensor \"t\": "), std::string::npos);
        EXPECT_NE(std::string(error.what()).find("IQ2_XXS"), std::string::npos);
    }
}

std::string splitPart(std::uint16_t number, std::uint16_t count, std::int32_t tensors,
                      const std::string& name) {
    Draft draft;
    draft.pairs = {pair("split.no", GgufType::U16, number),
                   pair("split.count", GgufType::U16, count),
                   pair("split.tensors.count", GgufType::I32, tensors)};
    draft.tensors = {described(name, {1}, 0, 0)};
    draft.data = raw(static_cast<float>(number));
    return draft.bytes();
}

TEST_F(GgufTest, OpensSplitModelsAndRefusesIncompleteOnes) {
    const auto messageOf = [&](const std::string& name) -> std::string {
        try {
            GgufFile::open(m_folder / name);
        } catch (const Error& error) {
            return error.what();
        }
        return "";
    };
    const std::string one = "m-00001-of-00002.gguf";
    const std::string two = "m-00002-of-00002.gguf";
    write(one, splitPart(0, 2, 2, "a"));
    EXPECT_NE(messageOf(one).find(two + ": is missing"), std::string::npos);
    write(two, splitPart(1, 2, 2, "b"));
    const GgufFile model = GgufFile::open(m_folder / one);
    EXPECT_EQ(model.files().size(), 2U);
    ASSERT_NE(model.find("b"), nullptr);
    EXPECT_EQ(model.find("b")->file->path().filename(), two);
    EXPECT_EQ(model.find("c"), nullptr);
    EXPECT_NE(messageOf(two).find("open " + one), std::string::npos) << messageOf(two);
    write("other.gguf", splitPart(0, 2, 2, "a"));
    EXPECT_NE(messageOf("other.gguf").find("does not end in -00001-of-00002.gguf"),
              std::string::npos);
    for (const auto& [content, told] : std::vector<std::pair<std::string, std::string>>{
             {splitPart(1, 2, 2, "a"), "is also in " + one},
             {splitPart(0, 2, 2, "b"), "split.no"},
             {splitPart(1, 3, 2, "b"), "split.count"}}) {
        write(two, content);
        EXPECT_NE(messageOf(one).find(told), std::string::npos) << messageOf(one);
    }
    write(one, splitPart(0, 2, 5, "a"));
    write(two, splitPart(1, 2, 5, "b"));
    EXPECT_NE(messageOf(one).find("announces 5"), std::string::npos) << messageOf(one);
}

// Opens a file of the shared cases as a user would, and reads all of its weights.
void openAndCheck(const fs::path& file) {
    const GgufFile model = GgufFile::open(file);
    for (const GgufTensor& tensor : model.tensors()) tensor.checkIsFinite();
}

TEST(MalformedGguf, AreRefusedByNameAndTheUnusualAccepted) {
    REQUIRE_SHARED(folder, "data/compressed/malformed");
    const Json cases = readJsonFile(folder / "expected.json")["cases"];
    int checked = 0;
    for (const auto& [name, expected] : cases.items()) {
        if (!name.starts_with("gguf/")) continue;
        ++checked;
        const auto must = expected["must"].get<std::string>();
        // Whether an architecture is known is decided by who builds a model from the file.
        if (must.starts_with("accept") || must == "refuse as a model") {
            EXPECT_NO_THROW(openAndCheck(folder / name)) << name;
            continue;
        }
        try {
            openAndCheck(folder / name);
            ADD_FAILURE() << name << " was accepted";
        } catch (const Error& error) {
            EXPECT_EQ(error.kind(), ErrorKind::InputFile) << name;
            const bool isSplit = name.find("split") != std::string::npos;  // names the lost part
            const std::string file =
                isSplit ? "00002-of-00003.gguf" : fs::path(name).filename().string();
            EXPECT_NE(std::string(error.what()).find(file), std::string::npos) << error.what();
        }
    }
    EXPECT_GE(checked, 38);
}

TEST(GgufVocabularies, AreReadWithTheirTokensAndMerges) {
    REQUIRE_SHARED(folder, "data/ggml-vocab");
    int checked = 0;
    for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
        if (entry.path().extension() != ".gguf") continue;
        ++checked;
        const GgufFile file = GgufFile::open(entry.path());
        EXPECT_TRUE(file.tensors().empty());
        const std::string_view model = file.metadata().text("tokenizer.ggml.model");
        const auto tokens = file.metadata().texts("tokenizer.ggml.tokens");
        EXPECT_GT(tokens.size(), 30000U);
        EXPECT_EQ(file.metadata().integers("tokenizer.ggml.token_type", tokens.size()).size(),
                  tokens.size());
        if (model == "llama") file.metadata().floats("tokenizer.ggml.scores", tokens.size());
        if (model == "gpt2") {
            EXPECT_GT(file.metadata().texts("tokenizer.ggml.merges").size(), 0U);
        }
        if (entry.path().filename() == "ggml-vocab-gpt-2.gguf") {
            EXPECT_EQ(tokens.back(), "<|endoftext|>");
            EXPECT_EQ(file.metadata().integer("tokenizer.ggml.bos_token_id"), 50256);
        }
    }
    EXPECT_EQ(checked, 12);
}

}  // namespace
}  // namespace driftlens
