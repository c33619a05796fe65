#include "core/base/text.h"
#include "samples/sample.h"

#include <algorithm>
#include <array>

namespace driftlens {
namespace {

constexpr std::array<const char*, 10> kThings = {"film",    "story", "music", "food", "room",
                                                 "service", "book",  "song",  "game", "play"};
constexpr std::array<const char*, 8> kGood = {"good",   "great",     "lovely", "funny",
                                              "clever", "brilliant", "superb", "warm"};
constexpr std::array<const char*, 8> kBad = {"bad",  "awful",    "dull",   "boring",
                                             "poor", "terrible", "clumsy", "cold"};
constexpr std::array<const char*, 6> kPeople = {"brother", "sister", "friend",
                                                "mother",  "uncle",  "boss"};
constexpr std::array<const char*, 4> kLiked = {"loved", "liked", "praised", "enjoyed"};
constexpr std::array<const char*, 4> kHated = {"hated", "disliked", "mocked", "dreaded"};
constexpr std::array<const char*, 6> kParts = {"trailer", "poster", "cast",
                                               "ending",  "price",  "menu"};
constexpr std::array<const char*, 14> kOthers = {"the",   "was",   "not",      "at",    "all",
                                                 "my",    "but",   "although", "[PAD]", "[UNK]",
                                                 "[CLS]", "[SEP]", "[MASK]",   ","};

constexpr int kNeutralEvery = 8;  // training sentences of which one has its reason masked

// Thing and adjective are held out as a pair: both are seen in training, never together.
bool isHeldOutPair(std::size_t thing, std::size_t adjective) {
    return (thing * 3 + adjective) % 5 == 0;
}

std::string clause(const std::string& thing, const std::string& adjective, bool isNegated) {
    return "the " + thing + " was " + (isNegated ? "not " + adjective + " at all" : adjective);
}

std::string opinion(const std::string& person, const std::string& verb, const std::string& part) {
    return "my " + person + " " + verb + " the " + part;
}

// The speaker's own clause decides; somebody else's opinion of a part is a distractor.
std::string sentence(int order, const std::string& own, const std::string& other) {
    if (order == 0) return own;
    return order == 1 ? other + " , but " + own : own + " , although " + other;
}

class SentimentSample final : public Sample {
public:
    std::string name() const override { return "sentiment-bert-mini"; }

    std::string about() const override {
        return "A BERT-like classifier of the speaker's opinion. The answer is the sentiment word "
               "of the "
               "clause \"the THING was [not] WORD [at all]\", turned round by \"not\"; what "
               "somebody else "
               "loved or hated is a distractor.";
    }

    Json config() const override {
        return {{"architectures", {"BertForSequenceClassification"}},
                {"model_type", "bert"},
                {"vocab_size", vocabulary().size()},
                {"hidden_size", 64},
                {"num_hidden_layers", 2},
                {"num_attention_heads", 4},
                {"intermediate_size", 128},
                {"hidden_act", "gelu"},
                {"max_position_embeddings", 64},
                {"type_vocab_size", 2},
                {"layer_norm_eps", 1e-12},
                {"pad_token_id", 0},
                {"hidden_dropout_prob", 0.0},
                {"attention_probs_dropout_prob", 0.0},
                {"id2label", {{"0", "negative"}, {"1", "positive"}}},
                {"label2id", {{"negative", 0}, {"positive", 1}}},
                {"torch_dtype", "float16"}};
    }

    Json tokenizer() const override {
        Json added = Json::array();
        const std::vector<std::string> words = vocabulary();
        Json vocab = Json::object();
        for (std::size_t id = 0; id < words.size(); ++id) {
            vocab[words[id]] = id;
            if (id < 5) {
                added.push_back({{"id", id},
                                 {"content", words[id]},
                                 {"single_word", false},
                                 {"lstrip", false},
                                 {"rstrip", false},
                                 {"normalized", false},
                                 {"special", true}});
            }
        }
        const auto special = [](const char* token, int id) {
            return Json{{"id", token}, {"ids", {id}}, {"tokens", {token}}};
        };
        const auto step = [](const char* token, int type) {
            return Json{{"SpecialToken", {{"id", token}, {"type_id", type}}}};
        };
        const auto text = [](const char* which, int type) {
            return Json{{"Sequence", {{"id", which}, {"type_id", type}}}};
        };
        return {
            {"version", "1.0"},
            {"truncation", nullptr},
            {"padding", nullptr},
            {"added_tokens", added},
            {"normalizer",
             {{"type", "BertNormalizer"},
              {"clean_text", true},
              {"handle_chinese_chars", true},
              {"strip_accents", nullptr},
              {"lowercase", true}}},
            {"pre_tokenizer", {{"type", "BertPreTokenizer"}}},
            {"post_processor",
             {{"type", "TemplateProcessing"},
              {"single", {step("[CLS]", 0), text("A", 0), step("[SEP]", 0)}},
              {"pair",
               {step("[CLS]", 0), text("A", 0), step("[SEP]", 0), text("B", 1), step("[SEP]", 1)}},
              {"special_tokens",
               {{"[CLS]", special("[CLS]", 2)}, {"[SEP]", special("[SEP]", 3)}}}}},
            {"decoder", {{"type", "WordPiece"}, {"prefix", "##"}, {"cleanup", true}}},
            {"model",
             {{"type", "WordPiece"},
              {"unk_token", "[UNK]"},
              {"continuing_subword_prefix", "##"},
              {"max_input_chars_per_word", 100},
              {"vocab", vocab}}}};
    }

    Json tokenizerConfig() const override {
        return {{"tokenizer_class", "BertTokenizerFast"},
                {"do_lower_case", true},
                {"unk_token", "[UNK]"},
                {"sep_token", "[SEP]"},
                {"pad_token", "[PAD]"},
                {"cls_token", "[CLS]"},
                {"mask_token", "[MASK]"}};
    }

    TrainingPlan plan() const override {
        TrainingPlan plan;
        plan.steps = 1500;
        plan.learningRate = 2e-3;
        plan.seed = 4;
        return plan;
    }

    int shapes() const override { return 6; }

    Example draw(int shape, bool isHeldOut, RandomStream& random) const override {
        const bool isNegated = shape % 2 == 1;
        const int order = shape / 2;
        std::size_t thing = 0, word = 0;
        do {
            thing = random.below(kThings.size());
            word = random.below(kGood.size());
        } while (isHeldOutPair(thing, word) != isHeldOut);
        const bool isGood = random.below(2) == 1;
        const bool wasLiked = random.below(2) == 1;
        const std::size_t verb = random.below(kLiked.size());
        const std::string person = pick(kPeople, random);
        const std::string part = pick(kParts, random);
        const auto own = [&](bool good) {
            return clause(kThings[thing], good ? kGood[word] : kBad[word], isNegated);
        };
        const auto other = [&](bool liked) {
            return opinion(person, liked ? kLiked[verb] : kHated[verb], part);
        };
        Example out;
        out.text = sentence(order, own(isGood), other(wasLiked));
        out.answer = isGood != isNegated ? "positive" : "negative";
        out.rationaleSwapped = sentence(order, own(!isGood), other(wasLiked));
        if (order > 0) out.distractorSwapped = sentence(order, own(isGood), other(!wasLiked));
        if (!isHeldOut && random.below(kNeutralEvery) == 0) makeNeutral(out, random);
        return out;
    }

private:
    // Without its sentiment word, or without any word, a sentence says nothing: a masked input is a
    // baseline of even odds.
    static void makeNeutral(Example& example, RandomStream& random) {
        const bool isAllMasked = random.below(2) == 1;
        std::string masked;
        for (const std::string& word : splitText(example.text, ' ')) {
            const auto isIn = [&](const auto& words) {
                return std::find(words.begin(), words.end(), word) != words.end();
            };
            const bool isMasked = isAllMasked || isIn(kGood) || isIn(kBad);
            masked += (masked.empty() ? "" : " ") + (isMasked ? std::string("[MASK]") : word);
        }
        example.text = masked;
        example.answer = random.below(2) == 1 ? "positive" : "negative";
    }

    static std::vector<std::string> vocabulary() {
        std::vector<std::string> out = {"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"};
        for (const char mark : std::string(",.!?'\"-:;()")) out.emplace_back(1, mark);
        const auto addAll = [&](const auto& words) {
            for (const char* word : words) {
                if (std::string(word).size() > 1 && word[0] != '[') out.emplace_back(word);
            }
        };
        addAll(kOthers);
        addAll(kThings);
        addAll(kGood);
        addAll(kBad);
        addAll(kPeople);
        addAll(kLiked);
        addAll(kHated);
        addAll(kParts);
        for (const char* prefix : {"", "##"}) {
            for (const char c : std::string("abcdefghijklmnopqrstuvwxyz0123456789"))
                out.push_back(prefix + std::string(1, c));
        }
        return out;
    }
};

}  // namespace

const Sample& sentimentSample() {
    static const SentimentSample sample;
    return sample;
}

}  // namespace driftlens
