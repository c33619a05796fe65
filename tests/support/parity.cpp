#include "tests/support/parity.h"

#include "core/capture/gradient.h"
#include "core/files/checkpoint.h"
#include "core/model/generate.h"
#include "core/model/loader.h"

#include <limits>
#include <memory>

namespace driftlens {
namespace {

// One folder's model and golden tensors.
class Comparer {
public:
    explicit Comparer(const std::filesystem::path& folder)
        : m_file(readSafetensors(MappedFile::open(folder / "golden.safetensors"))),
          m_info(readJsonFile(folder / "golden.json")),
          m_model(loadModel(Checkpoint::open(folder)).model) {}

    std::vector<ParityResult> run() {
        for (const Json& item : m_info["cases"]) {
            m_prompt = item["name"].get<std::string>();
            compareForward();
            compareNarrowed();
            if (item.contains("generated_ids")) compareGreedy(item["generated_ids"]);
        }
        return std::move(m_results);
    }

private:
    const ModelSpec& spec() const { return m_model->spec(); }
    bool isClassifier() const { return spec().task == Task::Classification; }

    at::Tensor golden(const std::string& quantity) const {
        for (const StoredTensor& stored : m_file.tensors) {
            if (stored.name == m_prompt + "/" + quantity) return viewOf(stored);
        }
        return {};
    }

    void add(const std::string& quantity, double difference, double tolerance) {
        m_results.push_back({m_prompt, quantity, difference, tolerance});
    }

    // A tensor of another shape, or none in the golden file, differs without bound.
    void compare(const std::string& quantity, const at::Tensor& ours) {
        const at::Tensor expected = golden(quantity);
        const double tolerance = m_info["tolerances"][quantity]["atol"].get<double>();
        if (!expected.defined() || ours.sizes() != expected.sizes()) {
            add(quantity, std::numeric_limits<double>::infinity(), tolerance);
            return;
        }
        at::Tensor difference = (ours.detach() - expected).abs();
        const at::Tensor mask = golden("attention_mask");
        if (mask.defined() && ours.dim() == 4) {
            difference = difference * mask.view({mask.size(0), 1, mask.size(1), 1});
        } else if (mask.defined() && ours.dim() == 3) {
            difference = difference * mask.unsqueeze(-1);
        }
        add(quantity, difference.max().item<double>(), tolerance);
    }

    ForwardInput input() const {
        ForwardInput input;
        input.embeddings =
            m_model->embedTokens(golden("input_ids"), at::kFloat).detach().requires_grad_(true);
        input.mask = golden("attention_mask").to(at::kBool);
        if (spec().tokenTypes > 0) input.tokenTypes = golden("token_type_ids");
        return input;
    }

    ForwardRequest everything() const {
        ForwardRequest request;
        request.keepGraph = true;
        request.capture = {{SiteKind::Embeddings, 0}, {SiteKind::FinalNorm, 0}};
        for (std::int64_t n = 0; n < blocks(); ++n) {
            request.capture.insert({SiteKind::ResidOut, n});
            request.capture.insert({SiteKind::AttentionProbabilities, n});
            if (hasExperts(n)) request.capture.insert({SiteKind::RouterLogits, n});
        }
        return request;
    }

    std::int64_t blocks() const { return static_cast<std::int64_t>(spec().blocks.size()); }
    bool hasExperts(std::int64_t n) const {
        return spec().blocks[static_cast<std::size_t>(n)].experts > 0;
    }

    void compareForward() {
        const ForwardInput given = input();
        const ForwardCapture out = m_model->forward(given, everything(), {}, {});
        compare("input_embeddings", given.embeddings);
        compare("hidden_states.0", out.sites.at({SiteKind::Embeddings, 0}));
        for (std::int64_t n = 0; n < blocks(); ++n) {
            const bool isLast = n + 1 == blocks() && spec().hasFinalStep();
            const std::string block = std::to_string(n);
            compare("hidden_states." + std::to_string(n + 1),
                    out.sites.at(isLast ? SiteId{SiteKind::FinalNorm, 0}
                                        : SiteId{SiteKind::ResidOut, n}));
            compare("attentions." + block, out.sites.at({SiteKind::AttentionProbabilities, n}));
            if (hasExperts(n)) {
                compare("router_logits." + block, out.sites.at({SiteKind::RouterLogits, n}));
            }
        }
        compare("logits", out.logits);
        compare("grad_embeddings", gradients(targetOf(out.logits), {given.embeddings}, {})[0]);
    }

    // The sum over the rows of the batch, as golden.json defines its gradient's target.
    at::Tensor targetOf(const at::Tensor& logits) const {
        const at::Tensor index = golden("target_index");
        at::Tensor target = at::zeros({}, at::kFloat);
        for (std::int64_t row = 0; row < index.size(0); ++row) {
            const at::Tensor scores =
                isClassifier() ? logits[row] : logits[row][targetPosition(row)];
            target = target + scores[index[row].item<std::int64_t>()];
        }
        return target;
    }

    std::int64_t targetPosition(std::int64_t row) const {
        return golden("target_position")[row].item<std::int64_t>();
    }

    // The narrowed last block and the fused attention kernel give the same logits.
    void compareNarrowed() {
        ForwardInput given = input();
        ForwardRequest request;
        at::Tensor expected = golden("logits");
        if (!isClassifier()) {
            request.logitPositions = golden("target_position").unsqueeze(1);
            expected = expected.gather(
                1, request.logitPositions.unsqueeze(-1).expand({-1, 1, expected.size(2)}));
        }
        const at::Tensor ours = m_model->forward(given, request, {}, {}).logits;
        add("logits, narrowed", (ours - expected).abs().max().item<double>(),
            m_info["tolerances"]["logits"]["atol"].get<double>());
    }

    // Single prompts and the left-padded batch.
    void compareGreedy(const Json& expected) {
        const at::Tensor ids = golden("input_ids"), mask = golden("attention_mask");
        GenerateRequest request;
        for (std::int64_t row = 0; row < ids.size(0); ++row) {
            const at::Tensor real = ids[row].masked_select(mask[row].to(at::kBool));
            const auto* data = real.const_data_ptr<std::int64_t>();
            request.prompts.emplace_back(data, data + real.numel());
        }
        request.newTokens = static_cast<std::int64_t>(expected[0].size());
        request.stopAtEnd = false;
        for (const bool useCache : {true, false}) {
            request.useCache = useCache;
            const std::vector<GeneratedTokens> ours = generate(*m_model, request, {});
            double wrong = 0.0;
            for (std::size_t row = 0; row < ours.size(); ++row) {
                const auto theirs = expected[row].get<std::vector<std::int64_t>>();
                for (std::size_t i = 0; i < theirs.size(); ++i)
                    wrong += i < ours[row].ids.size() && ours[row].ids[i] == theirs[i] ? 0.0 : 1.0;
            }
            add(useCache ? "greedy ids" : "greedy ids, no cache", wrong, 0.0);
        }
    }

    SafetensorsFile m_file;
    Json m_info;
    std::shared_ptr<const Model> m_model;
    std::string m_prompt;
    std::vector<ParityResult> m_results;
};

}  // namespace

std::vector<ParityResult> compareWithGolden(const std::filesystem::path& folder) {
    return Comparer(folder).run();
}

std::vector<std::string> tinyTextModels() {
    return {"bert-cls",       "bert-mlm",   "distilbert-cls", "gemma-lm",   "gemma2-lm",
            "gemma3-text-lm", "gpt2-lm",    "gpt_neox-lm",    "llama-lm",   "llama-unigram",
            "llama3-lm",      "mistral-lm", "mixtral-fused",  "mixtral-lm", "opt-lm",
            "phi-lm",         "phi3-lm",    "qwen2-lm",       "qwen3-lm",   "roberta-cls",
            "roberta-mlm"};
}

}  // namespace driftlens
