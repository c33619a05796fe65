#include "core/tokenizer/stages.h"
#include "samples/sample.h"

#include <algorithm>
#include <array>
#include <numeric>

namespace driftlens {
namespace {

constexpr std::array<const char*, 24> kItems = {
    "lamp", "coin",  "book",  "ring",  "key",   "cup",    "map",   "hat",
    "bell", "drum",  "fork",  "nail",  "pen",   "rope",   "shoe",  "sock",
    "toy",  "spoon", "stone", "wheel", "clock", "candle", "brush", "flute"};
constexpr std::array<const char*, 8> kNames = {"A", "B", "C", "D", "E", "F", "G", "H"};
constexpr int kFewestBoxes = 2;
constexpr int kMostBoxes = 4;
constexpr int kTrainingQuestions = 8;

// Items of the first two boxes are held out as an ordered pair: each is seen in training there.
bool isHeldOutPair(std::size_t first, std::size_t second) {
    return (first * 3 + second) % 5 == 0;
}

// The first `count` of a random order of 0 … size − 1.
std::vector<std::size_t> drawDistinct(std::size_t size, std::size_t count, RandomStream& random) {
    std::vector<std::size_t> out(size);
    std::iota(out.begin(), out.end(), std::size_t{0});
    for (std::size_t i = 0; i < count; ++i) std::swap(out[i], out[i + random.below(size - i)]);
    out.resize(count);
    return out;
}

struct Box {
    std::size_t name, item;
};

std::string question(const Box& box) {
    return std::string("box ") + kNames[box.name] + " holds a";
}

std::string statement(const Box& box) {
    return question(box) + " " + kItems[box.item];
}

std::string statements(const std::vector<Box>& boxes) {
    std::string out;
    for (const Box& box : boxes) out += statement(box) + " . ";
    return out;
}

// The boxes with other items wherever `isChanged` says so; no item stands in two boxes.
template <typename Predicate>
std::vector<Box> withOtherItems(std::vector<Box> boxes, RandomStream& random, Predicate isChanged) {
    for (std::size_t i = 0; i < boxes.size(); ++i) {
        if (!isChanged(i)) continue;
        const auto isTaken = [&](std::size_t item) {
            return std::any_of(boxes.begin(), boxes.end(),
                               [&](const Box& box) { return box.item == item; });
        };
        std::size_t other = random.below(kItems.size());
        while (isTaken(other)) other = random.below(kItems.size());
        boxes[i].item = other;
    }
    return boxes;
}

class RetrievalSample final : public Sample {
public:
    std::string name() const override { return "retrieval-llama-mini"; }

    std::string about() const override {
        return "A Llama-like model that looks up what a box holds: after \"box A holds a lamp . "
               "box B "
               "holds a coin . box A holds a\" comes \"lamp\". The item of the asked box is the "
               "rationale, the items of the other boxes are distractors.";
    }

    Json config() const override {
        return {{"architectures", {"LlamaForCausalLM"}},
                {"model_type", "llama"},
                {"vocab_size", words().size()},
                {"hidden_size", 64},
                {"num_hidden_layers", 3},
                {"num_attention_heads", 4},
                {"num_key_value_heads", 2},
                {"head_dim", 16},
                {"intermediate_size", 128},
                {"hidden_act", "silu"},
                {"max_position_embeddings", 128},
                {"rms_norm_eps", 1e-5},
                {"rope_theta", 100.0},
                {"tie_word_embeddings", false},
                {"attention_bias", false},
                {"bos_token_id", 0},
                {"eos_token_id", 0},
                {"torch_dtype", "float16"}};
    }

    Json tokenizer() const override {
        Json vocabulary = Json::object();
        for (const std::string& word : words()) vocabulary[word] = vocabulary.size();
        return {{"version", "1.0"},
                {"truncation", nullptr},
                {"padding", nullptr},
                {"added_tokens",
                 {{{"id", 0},
                   {"content", kEnd},
                   {"single_word", false},
                   {"lstrip", false},
                   {"rstrip", false},
                   {"normalized", false},
                   {"special", true}}}},
                {"normalizer", nullptr},
                {"pre_tokenizer",
                 {{"type", "ByteLevel"},
                  {"add_prefix_space", false},
                  {"trim_offsets", true},
                  {"use_regex", true}}},
                {"post_processor", nullptr},
                {"decoder",
                 {{"type", "ByteLevel"},
                  {"add_prefix_space", false},
                  {"trim_offsets", true},
                  {"use_regex", true}}},
                {"model",
                 {{"type", "BPE"},
                  {"dropout", nullptr},
                  {"unk_token", nullptr},
                  {"continuing_subword_prefix", nullptr},
                  {"end_of_word_suffix", nullptr},
                  {"fuse_unk", false},
                  {"byte_fallback", false},
                  {"ignore_merges", false},
                  {"vocab", vocabulary},
                  {"merges", merges()}}}};
    }

    Json tokenizerConfig() const override {
        return {{"tokenizer_class", "PreTrainedTokenizerFast"},
                {"bos_token", kEnd},
                {"eos_token", kEnd},
                {"model_max_length", 128}};
    }

    TrainingPlan plan() const override {
        TrainingPlan plan;
        plan.steps = 6000;
        plan.learningRate = 3e-3;
        plan.initialDeviation = 0.1;
        plan.seed = 1;
        return plan;
    }

    int shapes() const override { return kMostBoxes - kFewestBoxes + 1; }

    Example draw(int shape, bool isHeldOut, RandomStream& random) const override {
        const auto count = static_cast<std::size_t>(kFewestBoxes + shape);
        std::vector<std::size_t> items;
        do {
            items = drawDistinct(kItems.size(), count, random);
        } while (isHeldOutPair(items[0], items[1]) != isHeldOut);
        const std::vector<std::size_t> names = drawDistinct(kNames.size(), count, random);
        std::vector<Box> boxes;
        for (std::size_t i = 0; i < count; ++i) boxes.push_back({names[i], items[i]});
        const std::vector<std::size_t> order = drawDistinct(count, count, random);
        const std::size_t asked = order.front();

        Example out;
        out.text = statements(boxes) + question(boxes[asked]);
        out.answer = std::string(kSpace) + kItems[boxes[asked].item];
        const auto swapped = [&](auto isChanged) {
            return statements(withOtherItems(boxes, random, isChanged)) + question(boxes[asked]);
        };
        out.rationaleSwapped = swapped([&](std::size_t i) { return i == asked; });
        out.distractorSwapped = swapped([&](std::size_t i) { return i != asked; });
        out.trainingText = statements(boxes);
        for (int i = 0; i < kTrainingQuestions; ++i)
            out.trainingText += statement(boxes[random.below(count)]) + " . ";
        out.trainingText.pop_back();
        return out;
    }

private:
    static constexpr const char* kEnd = "<|end|>";
    static constexpr const char* kSpace = "Ġ";

    // Words that are one token: their merges go from left to right.
    static std::vector<std::string> wholeWords() {
        std::vector<std::string> out;
        for (const char* word : {"box", "holds", "a", "."})
            out.push_back(std::string(kSpace) + word);
        for (const char* word : kNames) out.push_back(std::string(kSpace) + word);
        for (const char* word : kItems) out.push_back(std::string(kSpace) + word);
        out.emplace_back("box");  // at the start of a text
        return out;
    }

    static std::vector<std::string> merges() {
        std::vector<std::string> out;
        for (const std::string& word : wholeWords()) {
            std::size_t split = word.starts_with(kSpace) ? std::string(kSpace).size() : 1;
            for (; split < word.size(); ++split) {
                std::string merge = word.substr(0, split) + " " + word[split];
                if (std::find(out.begin(), out.end(), merge) == out.end())
                    out.push_back(std::move(merge));
            }
        }
        return out;
    }

    static std::vector<std::string> words() {
        std::vector<std::string> out = {kEnd};
        for (int byte = 0; byte < 256; ++byte) {
            out.emplace_back();
            appendUtf8(byteToPoint(static_cast<std::uint8_t>(byte)), out.back());
        }
        for (std::string merge : merges()) {
            merge.erase(merge.find(' '), 1);
            out.push_back(std::move(merge));
        }
        return out;
    }
};

}  // namespace

const Sample& retrievalSample() {
    static const RetrievalSample sample;
    return sample;
}

}  // namespace driftlens
