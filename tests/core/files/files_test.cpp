// The safetensors reader against hostile files, built byte by byte.
#include "core/base/error.h"
#include "core/files/checkpoint.h"
#include "core/files/safetensors.h"
#include "tests/support/fixtures.h"

#include <gtest/gtest.h>

#include <cstring>
#include <fstream>
#include <unistd.h>

namespace driftlens {
namespace {

class FilesTest : public ::testing::Test {
protected:
    void SetUp() override {
        m_folder = std::filesystem::temp_directory_path() /
                   ("driftlens-files-" + std::to_string(::getpid()));
        std::filesystem::create_directories(m_folder);
    }
    void TearDown() override { std::filesystem::remove_all(m_folder); }

    std::filesystem::path write(const std::string& name, const std::string& content) const {
        std::ofstream(m_folder / name, std::ios::binary) << content;
        return m_folder / name;
    }
    static std::string file(const std::string& header, const std::string& data) {
        const std::uint64_t length = header.size();
        return std::string(reinterpret_cast<const char*>(&length), 8) + header + data;
    }
    SafetensorsFile read(const std::string& content) const {
        return readSafetensors(MappedFile::open(write("t.safetensors", content)));
    }
    ErrorKind kindOf(const std::string& content) const {
        try {
            read(content);
        } catch (const Error& error) {
            return error.kind();
        }
        return ErrorKind::Internal;
    }

    std::filesystem::path m_folder;
};

const std::string kGood =
    R"({"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"F16","shape":[],"data_offsets":[2,4]}})";

TEST_F(FilesTest, ReadsWhatItWrote) {
    const std::vector<float> values = {1.0F, -2.5F};
    const std::string bytes = "xyz";
    writeSafetensors(m_folder / "w.safetensors",
                     {{"bytes", ElementType::U8, {3}, std::as_bytes(std::span(bytes))},
                      {"floats", ElementType::F32, {2, 1}, std::as_bytes(std::span(values))}},
                     {{"format", "pt"}});
    const SafetensorsFile got = readSafetensors(MappedFile::open(m_folder / "w.safetensors"));
    ASSERT_EQ(got.tensors.size(), 2U);
    EXPECT_EQ(got.tensors[0].name, "floats");  // larger elements first
    EXPECT_EQ(std::memcmp(got.tensors[0].bytes.data(), values.data(), 8), 0);
    EXPECT_EQ(got.metadata.at("format"), "pt");
}

TEST_F(FilesTest, RefusesEveryHostileHeader) {
    EXPECT_EQ(read(file(kGood, "1234")).tensors.size(), 2U);
    const auto entry = [](const std::string& dtype, const std::string& shape,
                          const std::string& offsets) {
        return R"({"a":{"dtype":")" + dtype + R"(","shape":)" + shape + R"(,"data_offsets":)" +
               offsets + "}}";
    };
    const std::vector<std::pair<std::string, std::string>> bad = {
        {entry("U8", "[2]", "[0,3]"), "123"},  // size is not shape × type
        {entry("U8", "[2]", "[1,3]"), "123"},  // hole
        {entry("U8", "[2]", "[0,2]"), "123"},  // trailing bytes
        {entry("U8", "[4]", "[0,4]"), "123"},  // truncated
        {entry("U8", "[2]", "[2,0]"), "12"},   // backwards
        {entry("U8", "[-2]", "[0,2]"), "12"},
        {entry("U8", "[2.0]", "[0,2]"), "12"},
        {entry("U8", "[4294967296,4294967296]", "[0,0]"), ""},  // overflow
        {entry("F32", "[4611686018427387904]", "[0,0]"), ""},
        {entry("U8", "[1,1,1,1,1,1,1,1,1]", "[0,1]"), "1"},  // rank 9
        {entry("X9", "[1]", "[0,1]"), "1"},
        {R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"a":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}})",
         "12"},
        {R"({"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}})",
         "12"},
        {R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1],"extra":1}})", "1"},
        {R"({"__metadata__":{"k":1}})", ""},
        {"[]", ""},
        {"{", ""},
    };
    for (const auto& [header, data] : bad)
        EXPECT_EQ(kindOf(file(header, data)), ErrorKind::InputFile) << header;
    EXPECT_EQ(kindOf(file(entry("F4", "[2]", "[0,1]"), "1")), ErrorKind::Unsupported);
    EXPECT_EQ(kindOf("short"), ErrorKind::InputFile);
    EXPECT_EQ(kindOf(std::string(8, '\xff') + "{}"), ErrorKind::InputFile);
}

TEST_F(FilesTest, SurvivesEveryTruncationAndEveryFlippedBit) {
    const std::string good = file(kGood, "1234");
    for (std::size_t length = 0; length < good.size(); ++length) {
        EXPECT_EQ(kindOf(good.substr(0, length)), ErrorKind::InputFile) << length;
    }
    for (std::size_t bit = 0; bit < (good.size() - 4) * 8; ++bit) {
        std::string flipped = good;
        flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << (bit % 8)));
        try {
            read(flipped);
        } catch (const Error&) {
        }
    }
}

TEST_F(FilesTest, RefusesShardsOutsideTheFolder) {
    write("config.json", "{}");
    for (const std::string shard :
         {"../t.safetensors", "/etc/passwd", "a/b.safetensors", "..", ""}) {
        write("model.safetensors.index.json", R"({"weight_map":{"a":")" + shard + R"("}})");
        EXPECT_THROW(Checkpoint::open(m_folder), Error) << shard;
    }
}

TEST_F(FilesTest, SaysWhyAFolderIsNoModel) {
    EXPECT_THROW(Checkpoint::open(m_folder), Error);
    EXPECT_THROW(Checkpoint::open(m_folder / "absent"), Error);
    write("config.json", "{}");
    write("pytorch_model.bin", "x");
    try {
        Checkpoint::open(m_folder);
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::Unsupported);
    }
}

// Independently made files, each wrong (or unusual) in one way.
TEST(MalformedSafetensors, AreRefusedByNameAndTheUnusualAccepted) {
    REQUIRE_SHARED(folder, "data/compressed/malformed");
    const Json cases = readJsonFile(folder / "expected.json")["cases"];
    int checked = 0;
    for (const auto& [name, expected] : cases.items()) {
        if (!name.starts_with("safetensors/")) continue;
        ++checked;
        const auto read = [&] { readSafetensors(MappedFile::open(folder / name)); };
        if (expected["must"] == "accept") {
            EXPECT_NO_THROW(read()) << name;
            continue;
        }
        try {
            read();
            ADD_FAILURE() << name << " was accepted";
        } catch (const Error& error) {
            EXPECT_EQ(error.kind(), ErrorKind::InputFile) << name;
            const std::string file = std::filesystem::path(name).filename();
            EXPECT_NE(std::string(error.what()).find(file), std::string::npos) << error.what();
        }
    }
    EXPECT_GE(checked, 20);
}

}  // namespace
}  // namespace driftlens
