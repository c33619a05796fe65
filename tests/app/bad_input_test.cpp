// Every wrong file and argument gives one line that names what, where and which value, and the exit
// code of product.md.
#include "core/base/json.h"
#include "tests/support/program.h"

#include <gtest/gtest.h>

#include <cstring>
#include <functional>

namespace driftlens {
namespace {

namespace fs = std::filesystem;

const fs::path kSample = "samples/sentiment-bert-mini";

void replaceInFile(const fs::path& file, const std::string& from, const std::string& to) {
    std::string text = textOf(file);
    const std::size_t at = text.find(from);
    ASSERT_NE(at, std::string::npos) << from;
    text.replace(at, from.size(), to);
    std::ofstream(file, std::ios::binary) << text;
}

// Lets the second tensor of the file begin where the first does.
void overlapTensors(const fs::path& file) {
    const std::string bytes = textOf(file);
    std::uint64_t size = 0;
    std::memcpy(&size, bytes.data(), sizeof size);
    Json header = Json::parse(bytes.substr(sizeof size, size));
    for (auto& [name, tensor] : header.items()) {
        if (name != "__metadata__" && tensor["data_offsets"][0] != 0) {
            const std::int64_t length = tensor["data_offsets"][1].get<std::int64_t>() -
                                        tensor["data_offsets"][0].get<std::int64_t>();
            tensor["data_offsets"] = {0, length};
            break;
        }
    }
    std::string changed = header.dump();
    ASSERT_LE(changed.size(), size);
    changed.resize(size, ' ');
    std::ofstream(file, std::ios::binary)
        << bytes.substr(0, sizeof size) << changed << bytes.substr(sizeof size + size);
}

ProgramResult run(const std::vector<std::string>& arguments) {
    static const ScratchFolder scratch;
    return runProgram(DRIFTLENS_PROGRAM, arguments, scratch);
}

void expectOneLine(const ProgramResult& result, int exitCode, const std::string& fragment) {
    EXPECT_EQ(result.exitCode, exitCode) << result.err;
    EXPECT_TRUE(result.err.starts_with("driftlens: ")) << result.err;
    EXPECT_EQ(std::count(result.err.begin(), result.err.end(), '\n'), 1) << result.err;
    EXPECT_NE(result.err.find(fragment), std::string::npos) << result.err;
    EXPECT_EQ(result.out, "");
}

struct BadFolder {
    std::string name;
    std::function<void(const fs::path& folder)> spoil;
    int exitCode;
    std::string says;
};

class BadFolders : public ::testing::TestWithParam<BadFolder> {};

TEST_P(BadFolders, AreNamedInOneLine) {
    const ScratchFolder scratch;
    const fs::path folder = scratch / "model";
    fs::copy(kSample, folder);
    GetParam().spoil(folder);
    expectOneLine(run({"explain", folder.string(), "--prompt", "the film was good"}),
                  GetParam().exitCode, GetParam().says);
}

const BadFolder kFolders[] = {
    {"Missing", [](const fs::path& f) { fs::remove_all(f); }, 3, "no such file"},
    {"NoConfig", [](const fs::path& f) { fs::remove(f / "config.json"); }, 3, "no config.json"},
    {"NoTokenizer", [](const fs::path& f) { fs::remove(f / "tokenizer.json"); }, 3,
     "neither tokenizer.json"},
    {"NoWeights", [](const fs::path& f) { fs::remove(f / "model.safetensors"); }, 3, "safetensors"},
    {"ConfigThatIsNoJson", [](const fs::path& f) { std::ofstream(f / "config.json") << "{\"a\":"; },
     3, "byte"},
    {"UnknownFamily",
     [](const fs::path& f) {
         replaceInFile(f / "config.json", "\"model_type\": \"bert\"", "\"model_type\": \"mamba\"");
     },
     4, "\"mamba\""},
    {"ConfigOfOtherShapes",
     [](const fs::path& f) {
         replaceInFile(f / "config.json", "\"intermediate_size\": 128",
                       "\"intermediate_size\": 256");
     },
     3, "[256, 64]"},
    {"HeadsThatDoNotDivide",
     [](const fs::path& f) {
         replaceInFile(f / "config.json", "\"num_attention_heads\": 4",
                       "\"num_attention_heads\": 5");
     },
     3, "num_attention_heads 5"},
    {"NegativeSize",
     [](const fs::path& f) {
         replaceInFile(f / "config.json", "\"hidden_size\": 64", "\"hidden_size\": -64");
     },
     3, "hidden_size"},
    {"HugeSize",
     [](const fs::path& f) {
         replaceInFile(f / "config.json", "\"hidden_size\": 64", "\"hidden_size\": 1099511627776");
     },
     3, "hidden_size"},
    {"TruncatedWeights",
     [](const fs::path& f) { fs::resize_file(f / "model.safetensors", 100000); }, 3,
     "the data has"},
    {"EmptyWeights", [](const fs::path& f) { fs::resize_file(f / "model.safetensors", 0); }, 3,
     "model.safetensors"},
    {"OverlappingTensors", [](const fs::path& f) { overlapTensors(f / "model.safetensors"); }, 3,
     "overlap"},
};

INSTANTIATE_TEST_SUITE_P(Cli, BadFolders, ::testing::ValuesIn(kFolders),
                         [](const auto& row) { return row.param.name; });

struct BadArguments {
    std::vector<std::string> arguments;  // MODEL stands for the sample
    int exitCode;
    std::string says;
};

class BadCommands : public ::testing::TestWithParam<BadArguments> {};

TEST_P(BadCommands, AreNamedInOneLine) {
    std::vector<std::string> arguments = GetParam().arguments;
    for (std::string& argument : arguments) {
        if (argument.starts_with("MODEL")) argument.replace(0, 5, kSample.string());
    }
    expectOneLine(run(arguments), GetParam().exitCode, GetParam().says);
}

const std::string kLong = [] {
    std::string out;
    for (int i = 0; i < 60; ++i) out += "the film ";
    return out;
}();

const BadArguments kCommands[] = {
    {{"frob"}, 2, "\"frob\""},
    {{"explain", "MODEL"}, 2, "--prompt"},
    {{"explain", "MODEL", "--prompt", ""}, 2, "empty"},
    {{"explain", "MODEL", "--prompt", kLong}, 2, "122 tokens"},
    {{"explain", "MODEL", "--prompt", "\xff"}, 2, "UTF-8"},
    {{"explain", "MODEL", "--ids", "1,99999"}, 2, "99999"},
    {{"explain", "MODEL", "--ids", "1,-1"}, 2, "-1"},
    {{"explain", "MODEL", "--ids", "1,x"}, 2, "\"x\""},
    {{"explain", "MODEL@int9", "--prompt", "x"}, 2, "\"int9\""},
    {{"explain", "MODEL@int4:groop=2", "--prompt", "x"}, 2, "\"groop\""},
    {{"explain", "MODEL@int4:group=-2", "--prompt", "x"}, 2, "group=\"-2\""},
    {{"explain", "MODEL", "--prompt", "x", "--method", "magic"}, 2, "\"magic\""},
    {{"explain", "MODEL", "--prompt", "x", "--method", "integrated_gradients:nodes=0"},
     2,
     "nodes=\"0\""},
    {{"explain", "MODEL", "--prompt", "x", "--set", "foo=1"}, 2, "\"foo\""},
    {{"explain", "MODEL", "--prompt", "x", "--target", "class:7"}, 2, "class 7"},
    {{"explain", "MODEL", "--prompt", "x", "--group", "paragraph"}, 2, "\"paragraph\""},
    {{"explain", "MODEL", "--prompt", "x", "--group", "spans=0-9"}, 2, "0-9"},
    {{"explain", "MODEL", "--prompt", "x", "--group", "spans=1-0"}, 2, "1-0"},
    {{"explain", "MODEL", "--ids", "1,2", "--group", "word"}, 2, "token ids"},
    {{"explain", "MODEL", "--prompt", "x", "--json", "--out", "x.svg"}, 2, "x.svg"},
    {{"explain", "--help-method", "magic"}, 2, "\"magic\""},
    {{"explain", "MODEL", "--prompt", "x", "--compute", "float8"}, 2, "\"float8\""},
    {{"explain", "MODEL", "--prompt", "x", "--device", "tpu"}, 4, "\"tpu\""},
    {{"explain", "MODEL", "--prompt", "x", "--threads", "-1"}, 2, "-1"},
    {{"explain", "MODEL", "--prompt", "x", "--memory", "12Q"}, 2, "12Q"},
    {{"explain", "MODEL", "--prompt", "x", "--frob"}, 2, "--frob"},
    {{"explain", "MODEL", "--prompt", "x", "--out", "/nonexistent/x"}, 8, "/nonexistent/x"},
    {{"explain", "MODEL", "--prompt", "x", "--log", "/nonexistent/a.db"}, 8, "/nonexistent/a.db"},
    {{"explain", "MODEL", "--prompt", "x", "--log", "README.md"}, 3, "README.md"},
    {{"compare", "MODEL", "--prompt", "x"}, 2, "variant"},
    {{"compare", "MODEL", "MODEL@int8", "--prompt", "x", "--report", "report.docx"}, 2, ".docx"},
    {{"capture", "MODEL", "--prompt", "x", "--sites", "foo", "--out", "sites"}, 2, "\"foo\""},
    {{"generate", "MODEL", "--prompt", "x"}, 2, "does not continue texts"},
    {{"tokenize", "MODEL", "--ids", "99999"}, 2, "99999"},
    {{"bench", "MODEL", "--tokens", "1000"}, 2, "1000"},
    {{"bench", "MODEL", "--prompt", "one two", "--peer", "echo '{\"tokens\": 9, \"seconds\": 1}'"},
     2,
     "--peer explained 9 tokens, --prompt has"},
    {{"report", "README.md"}, 3, "README.md"},
    {{"report", "--from", "README.md"}, 3, "README.md"},
    {{"report", "--from", "samples/sentiment-bert-mini/config.json"}, 3, "no report"},
    {{"report", "x.db", "--format", "csv"}, 2, "--out FOLDER"},
    {{"report", "x.db", "--format", "docx"}, 2, "docx"},
    {{"report", "/nonexistent/a.db"}, 3, "/nonexistent/a.db"},
    {{"audit", "show", "/nonexistent/a.db", "1"}, 3, "/nonexistent/a.db"},
    {{"audit", "erase", "/nonexistent/a.db", "1", "--reason", "x"}, 3, "/nonexistent/a.db"},
    {{"audit", "erase", "README.md", "1"}, 2, "--reason"},
    {{"audit", "erase", "README.md", "1", "--reason", "x"}, 3, "README.md"},
    {{"audit", "export", "README.md"}, 2, "--out"},
    {{"audit", "retention", "README.md", "--older-than", "ten", "--reason", "x"}, 2, "\"ten\""},
    {{"audit", "retention", "README.md", "--reason", "x"}, 2, "--older-than"},
    {{"audit", "rotate", "/nonexistent/a.db"}, 3, "/nonexistent/a.db"},
    {{"audit", "prove", "README.md", "first"}, 2, "\"first\""},
    {{"audit", "attach-timestamp", "README.md"}, 2, "--checkpoint"},
    {{"audit", "attach-timestamp", "a.db", "--checkpoint", "README.md"}, 2, "--token"},
    {{"audit", "attach-timestamp", "a.db", "--checkpoint", "/nonexistent/c", "--token", "t"},
     3,
     "/nonexistent/c"},
    {{"rerun", "README.md"}, 2, "LOG and RUN"},
    {{"rerun", "README.md", "0123456789abcdef"}, 3, "README.md"},
    {{"audit", "verify-proof", "README.md"}, 2, "--pubkey"},
    {{"audit", "verify-proof", "README.md", "--pubkey", "README.md"}, 3, "README.md"},
};

INSTANTIATE_TEST_SUITE_P(Cli, BadCommands, ::testing::ValuesIn(kCommands));

TEST(BadInput, LeavesTheLogIntact) {
    const ScratchFolder scratch;
    const std::string log = scratch / "audit.db";
    const std::string model = kSample.string();
    EXPECT_EQ(
        run({"explain", model, "--prompt", "x", "--method", "occlusion", "--log", log}).exitCode,
        0);
    EXPECT_EQ(run({"explain", model, "--ids", "1,99999", "--log", log}).exitCode, 2);
    EXPECT_EQ(run({"explain", "absent", "--prompt", "x", "--log", log}).exitCode, 3);
    EXPECT_EQ(run({"explain", model, "--prompt", "x", "--method", "magic", "--log", log}).exitCode,
              2);
    const ProgramResult verified = run({"audit", "verify", log, "--json"});
    EXPECT_EQ(verified.exitCode, 0) << verified.out;
    EXPECT_EQ(Json::parse(verified.out)["status"], "ok");
}

TEST(AuditVerify, ExitsWithFiveForAChangedByte) {
    const ScratchFolder scratch;
    const std::string log = scratch / "audit.db";
    ASSERT_EQ(
        run({"explain", kSample.string(), "--prompt", "x", "--method", "occlusion", "--log", log})
            .exitCode,
        0);
    replaceInFile(log, "\"occlusion\"", "\"occlusioN\"");
    const ProgramResult verified = run({"audit", "verify", log, "--json"});
    EXPECT_EQ(verified.exitCode, 5) << verified.out;
    EXPECT_EQ(Json::parse(verified.out)["status"], "tampered");
}

}  // namespace
}  // namespace driftlens
