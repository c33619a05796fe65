// Models of no known family, described by config.json alone: three trained ones from elsewhere,
// against the numbers that their own programs left.
#include "core/base/error.h"
#include "core/files/checkpoint.h"
#include "core/model/loader.h"
#include "core/tokenizer/tokenizer.h"
#include "core/tokenizer/vocabulary_files.h"
#include "tests/support/fixtures.h"
#include "tests/support/program.h"
#include "tests/support/sst2_encoder.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

namespace driftlens {
namespace {

namespace fs = std::filesystem;

// A folder with that config.json beside the fixture's weights.
std::shared_ptr<const Model> load(const ScratchFolder& folder, const fs::path& weights,
                                  const Json& config) {
    std::ofstream(folder / "config.json") << config.dump();
    fs::copy_file(weights, folder / "model.safetensors");
    return loadModel(Checkpoint::open(folder.path())).model;
}

class Tensors {
public:
    explicit Tensors(const fs::path& file) : m_file(readSafetensors(MappedFile::open(file))) {}
    at::Tensor operator[](const std::string& name) const {
        for (const StoredTensor& stored : m_file.tensors) {
            if (stored.name == name) return viewOf(stored);
        }
        throw Error(ErrorKind::InputFile, "no tensor " + name);
    }

private:
    SafetensorsFile m_file;
};

double difference(const at::Tensor& a, const at::Tensor& b) {
    return (a - b).abs().max().item<double>();
}

const Json kMinGpt = {{"model_type", "driftlens"},
                      {"vocab_size", 3},
                      {"hidden_size", 48},
                      {"max_positions", 11},
                      {"layers", 3},
                      {"heads", 3},
                      {"head_dim", 16},
                      {"mlp_size", 192},
                      {"activation", "gelu_new"},
                      {"names",
                       {{"embeddings.tokens", "transformer.wte.weight"},
                        {"embeddings.positions", "transformer.wpe.weight"},
                        {"blocks.N.attn_norm", "transformer.h.N.ln_1"},
                        {"blocks.N.attn.q_proj", "transformer.h.N.attn.c_attn[qkv]"},
                        {"blocks.N.attn.k_proj", "transformer.h.N.attn.c_attn[qkv]"},
                        {"blocks.N.attn.v_proj", "transformer.h.N.attn.c_attn[qkv]"},
                        {"blocks.N.attn.out_proj", "transformer.h.N.attn.c_proj"},
                        {"blocks.N.mlp_norm", "transformer.h.N.ln_2"},
                        {"blocks.N.mlp.up_proj", "transformer.h.N.mlp.c_fc"},
                        {"blocks.N.mlp.down_proj", "transformer.h.N.mlp.c_proj"},
                        {"final_norm", "transformer.ln_f"},
                        {"head", "lm_head"}}}};

// The tolerance that the fixture's README suggests: four times its own float32-float64 difference.
constexpr double kNanoSortTolerance = 5e-6;

TEST(DriftlensFamily, ComputesEverySiteOfNanoSort) {
    REQUIRE_SHARED(folder, "data/nano-sort");
    const ScratchFolder scratch;
    const auto model = load(scratch, folder / "gpt-nano-sort.safetensors", kMinGpt);
    const Tensors expected(folder / "gpt-nano-sort-partials.safetensors");
    const std::pair<SiteId, const char*> sites[] = {
        {{SiteKind::Embeddings, 0}, "x"},
        {{SiteKind::AttentionQ, 0}, "q"},
        {{SiteKind::AttentionK, 0}, "k"},
        {{SiteKind::AttentionV, 0}, "v"},
        {{SiteKind::AttentionProbabilities, 0}, "attSm"},
        {{SiteKind::AttentionOut, 0}, "yProj"},
        {{SiteKind::ResidMid, 0}, "attnResid"},
        {{SiteKind::MlpIn, 0}, "ln2"},
        {{SiteKind::MlpHidden, 0}, "gelu"},
        {{SiteKind::MlpOut, 0}, "mlp"},
        {{SiteKind::ResidOut, 0}, "block0"},
        {{SiteKind::ResidOut, 1}, "block1"},
        {{SiteKind::ResidOut, 2}, "block2"},
        {{SiteKind::FinalNorm, 0}, "ln_f"},
    };
    ForwardInput input;
    input.ids = expected["idx"].to(at::kLong);
    ForwardRequest request;
    for (const auto& [site, name] : sites) request.capture.insert(site);
    const ForwardCapture out = model->forward(input, request, {}, {});
    for (const auto& [site, name] : sites)
        EXPECT_LE(difference(out.sites.at(site), expected[name]), kNanoSortTolerance) << name;
    EXPECT_LE(difference(out.logits, expected["lm_head"]), kNanoSortTolerance);
}

TEST(DriftlensFamily, ShowsTheAttentionThatTheAuthorOfTinyMechInterpSaw) {
    REQUIRE_SHARED(folder, "data/tiny-mech-interp");
    const ScratchFolder scratch;
    const Json config = {{"model_type", "driftlens"},
                         {"vocab_size", 20},
                         {"hidden_size", 64},
                         {"max_positions", 32},
                         {"layers", 2},
                         {"heads", 4},
                         {"head_dim", 16},
                         {"mlp_size", 256},
                         {"names",
                          {{"embeddings.tokens", "tok_emb.weight"},
                           {"embeddings.positions", "pos_emb.weight"},
                           {"blocks.N.attn_norm.weight", "blocks.N.ln1.gamma"},
                           {"blocks.N.attn_norm.bias", "blocks.N.ln1.beta"},
                           {"blocks.N.mlp_norm.weight", "blocks.N.ln2.gamma"},
                           {"blocks.N.mlp_norm.bias", "blocks.N.ln2.beta"},
                           {"blocks.N.mlp.up_proj", "blocks.N.mlp.fc1"},
                           {"blocks.N.mlp.down_proj", "blocks.N.mlp.fc2"},
                           {"final_norm.weight", "ln_f.gamma"},
                           {"final_norm.bias", "ln_f.beta"}}}};
    const auto model = load(scratch, folder / "baseline.safetensors", config);
    const Tensors expected(folder / "attention.safetensors");
    for (const std::string run : {"exp_0", "exp_2"}) {
        ForwardInput input;
        const at::Tensor sequence = expected[run + ".seq"].view({1, -1});
        input.ids = sequence.narrow(1, 0, 31);  // the last id is a target only
        ForwardRequest request;
        request.capture = {{SiteKind::AttentionProbabilities, 0},
                           {SiteKind::AttentionProbabilities, 1}};
        const ForwardCapture out = model->forward(input, request, {}, {});
        for (std::int64_t n = 0; n < 2; ++n) {
            // README: agreement of a float32 recomputation is 1e-6, suggested tolerance 2e-6.
            EXPECT_LE(difference(out.sites.at({SiteKind::AttentionProbabilities, n}),
                                 expected[run + ".attention." + std::to_string(n)]),
                      2e-6)
                << run;
        }
    }
}

TEST(DriftlensFamily, GivesTheLogitsOfAll872Sentences) {
    REQUIRE_SHARED(folder, "data/sst2-encoder");
    REQUIRE_SHARED(vocabulary, "data/tokenizers/bert_base_uncased_vocab.txt");
    const ScratchFolder scratch;
    const auto model = load(scratch, folder / "model.safetensors", sst2EncoderConfig());
    const auto tokenizer =
        Tokenizer::fromJson(bertTokenizerJson(vocabulary, true).dump(), "vocab.txt");
    const Json newIds = readJsonFile(folder / "vocab_mapping.json")["old_to_new"];
    std::ifstream sentences(folder / "sst2_sentences.txt");
    std::ifstream logits(folder / "numpy_logits_872.txt");
    int count = 0;
    int correct = 0;
    for (std::string line; std::getline(sentences, line); ++count) {
        const std::size_t label = line.find('\t') + 1;
        const std::size_t text = line.find('\t', label) + 1;
        std::vector<std::int64_t> ids;
        for (const std::int64_t id : tokenizer->encode(line.substr(text)).ids())
            ids.push_back(newIds.value(std::to_string(id), 1));
        ForwardInput input;
        input.ids = at::tensor(ids, at::kLong).unsqueeze(0);
        const at::Tensor ours = model->forward(input, {}, {}, {}).logits[0];
        double first = 0.0;
        double second = 0.0;
        logits >> first >> second;
        // README: the file rounds to 1e-6, suggested tolerance 1e-5.
        ASSERT_LE(difference(ours.to(at::kDouble), at::tensor({first, second}, at::kDouble)), 1e-5)
            << line;
        correct += ours.argmax().item<std::int64_t>() == line[label] - '0';
    }
    EXPECT_EQ(count, 872);
    EXPECT_EQ(correct, 711);
}

TEST(DriftlensFamily, RefusesAFusedProjectionOfOtherSizes) {
    REQUIRE_SHARED(folder, "data/nano-sort");
    const ScratchFolder scratch;
    Json config = kMinGpt;
    config["heads"] = 2;
    config["head_dim"] = 16;
    EXPECT_THROW(load(scratch, folder / "gpt-nano-sort.safetensors", config), Error);
}

}  // namespace
}  // namespace driftlens
