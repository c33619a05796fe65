// The whole pipeline of data sets on sst2-encoder: 872 sentences, eight compressions of its
// weights, and the flips and correct answers that its README counts with another program.
#include "core/files/checkpoint.h"
#include "core/files/safetensors.h"
#include "core/model/loader.h"
#include "core/tokenizer/vocabulary_files.h"
#include "engine/dataset/dataset.h"
#include "tests/support/fixtures.h"
#include "tests/support/program.h"
#include "tests/support/sst2_encoder.h"

#include <ATen/ops/quantile.h>

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <functional>
#include <map>

namespace driftlens {
namespace {

namespace fs = std::filesystem;
using Compression = std::function<at::Tensor(const at::Tensor& matrix)>;  // float64 → float64

// Symmetric, round half to even, b bits, a scale per row or for the whole.
Compression rounded(int bits, bool isPerRow) {
    return [=](const at::Tensor& w) {
        const double steps = std::exp2(bits - 1) - 1.0;
        const at::Tensor largest =
            isPerRow ? std::get<0>(w.abs().max(1, true)) : w.abs().max().view({1, 1});
        const at::Tensor scale = largest / steps;
        return at::where(scale > 0, (w / scale).round().clamp(-steps, steps) * scale, w);
    };
}

Compression pruned(double share) {
    return [=](const at::Tensor& w) {
        return at::where(w.abs() < at::quantile(w.abs().flatten(), share), at::zeros_like(w), w);
    };
}

Compression halved() {
    return [](const at::Tensor& w) { return w.to(at::kHalf).to(at::kDouble); };
}

struct Row {
    std::string name;
    Compression compression;
    std::uint64_t flips = 0, correct = 0;  // of 872
};

class Sst2 {
public:
    Sst2(const fs::path& fixture, const fs::path& vocabulary, const ScratchFolder& scratch)
        : m_scratch(scratch), m_vocabulary(vocabulary) {
        for (const StoredTensor& each :
             readSafetensors(MappedFile::open(fixture / "model.safetensors")).tensors)
            m_tensors[each.name] = viewOf(each).clone();
        // The tokenizer's 30522 ids in the place of the model's 4998: unknown ones are its 1.
        const Json newIds = readJsonFile(fixture / "vocab_mapping.json")["old_to_new"];
        for (std::int64_t id = 0; id < kTokens; ++id)
            m_rows.push_back(newIds.value(std::to_string(id), std::int64_t{1}));
        std::ifstream sentences(fixture / "sst2_sentences.txt");
        std::ofstream rows(m_scratch / "rows.jsonl");
        for (std::string line; std::getline(sentences, line);) {
            const std::size_t label = line.find('\t') + 1;
            const Json row = {{"text", line.substr(line.find('\t', label) + 1)},
                              {"label", line[label] == '1' ? "positive" : "negative"}};
            rows << row.dump() << "\n";
        }
    }

    VariantSpec write(const std::string& name, const Compression& compression) const {
        const fs::path folder = m_scratch / name;
        fs::create_directories(folder);
        Json config = sst2EncoderConfig();
        config["vocab_size"] = kTokens;
        std::ofstream(folder / "config.json") << config.dump();
        std::ofstream(folder / "tokenizer.json") << bertTokenizerJson(m_vocabulary, true).dump();
        std::vector<at::Tensor> kept;
        std::vector<TensorToWrite> out;
        for (const auto& [tensor, weights] : m_tensors) {
            at::Tensor w = weights;
            if (w.dim() == 2) w = compression(w.to(at::kDouble)).to(at::kFloat);
            if (tensor == "token_embedding.weight")
                w = w.index_select(0, at::tensor(m_rows, at::kLong));
            kept.push_back(w.contiguous());
            out.push_back(tensorToWrite(tensor, kept.back()));
        }
        writeSafetensors(folder / "model.safetensors", std::move(out), {});
        return VariantSpec::parse(folder.string());
    }

    fs::path rows() const { return m_scratch / "rows.jsonl"; }

private:
    static constexpr std::int64_t kTokens = 30522;
    const ScratchFolder& m_scratch;
    fs::path m_vocabulary;
    std::map<std::string, at::Tensor> m_tensors;
    std::vector<std::int64_t> m_rows;
};

TEST(Sst2Flips, AreThoseThatItsReadmeCounts) {
    REQUIRE_SHARED(fixture, "data/sst2-encoder");
    REQUIRE_SHARED(vocabulary, "data/tokenizers/bert_base_uncased_vocab.txt");
    const ScratchFolder scratch;
    const Sst2 sst2(fixture, vocabulary, scratch);
    const std::vector<Row> rows = {{"fp16", halved(), 0, 711},
                                   {"int8-row", rounded(8, true), 1, 712},
                                   {"int8-tensor", rounded(8, false), 1, 710},
                                   {"int4-row", rounded(4, true), 10, 707},
                                   {"int4-tensor", rounded(4, false), 17, 714},
                                   {"int3-row", rounded(3, true), 18, 701},
                                   {"pruned-50", pruned(0.5), 29, 706},
                                   {"pruned-70", pruned(0.7), 74, 707},
                                   {"pruned-90", pruned(0.9), 275, 590}};
    std::vector<VariantSpec> variants;
    for (const Row& row : rows) variants.push_back(sst2.write(row.name, row.compression));
    DatasetRequest request;
    request.rows.file = sst2.rows();
    request.primary = "spearman";
    request.prompt.compute.threads = 1;
    request.prompt.methods = {MethodRequest::parse("attention")};
    request.prompt.comparesInsides = false;
    request.withYardsticks = false;
    const DatasetResult found =
        compareDataset(sst2.write("reference", [](const at::Tensor& w) { return w; }), variants,
                       request, nullptr, {}, {});
    ASSERT_EQ(found.outcomes.size(), 872U);
    for (std::size_t i = 0; i < rows.size(); ++i) {
        std::uint64_t flips = 0, correct = 0;
        for (const ExampleOutcome& each : found.outcomes) {
            const std::int64_t answer = each.variants[i].answer;
            flips += answer != each.answer ? 1 : 0;
            correct += answer == each.label ? 1 : 0;
        }
        EXPECT_EQ(flips, rows[i].flips) << rows[i].name;
        EXPECT_EQ(correct, rows[i].correct) << rows[i].name;
        const auto& output = found.aggregate.variants[i].output;
        EXPECT_DOUBLE_EQ(*output.at("flip_rate").value.value, static_cast<double>(flips) / 872.0);
    }
}

}  // namespace
}  // namespace driftlens
