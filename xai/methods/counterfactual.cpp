// Counterfactual edits: the fewest replaced words after which the model answers otherwise. A beam
// search over words proposed to first order (HotFlip, Ebrahimi et al. 2018), checked by evaluation.
#include "core/base/error.h"
#include "core/base/json.h"
#include "core/base/text.h"
#include "core/tokenizer/segments.h"
#include "xai/methods/methods.h"
#include "xai/methods/removal.h"
#include "xai/methods/token_vectors.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <map>
#include <numeric>
#include <set>
#include <tuple>

namespace driftlens {
namespace {

constexpr std::array<ParameterInfo, 4> kTable = {{
    {"words", ParameterKind::Text, "vocabulary", 0, 0,
     "vocabulary (its whole words), or a text file (a list of words, or data whose words are "
     "taken)",
     "what may take a word's place"},
    {"candidates", ParameterKind::Integer, "32", 1, 100000, "",
     "proposals per word of the prompt, the most promising by gradient"},
    {"most_edits", ParameterKind::Integer, "3", 1, 16, "", "words that may be replaced at once"},
    {"beam", ParameterKind::Integer, "4", 1, 256, "", "best edited texts that are edited further"},
}};

constexpr std::size_t kMostFileBytes = 64U << 20U;
constexpr std::size_t kMostWords = 50000;

using WordIds = std::map<std::string, std::vector<std::int64_t>>;

bool isPlainWord(std::string_view word) {
    return !word.empty() && std::all_of(word.begin(), word.end(), [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return byte >= 0x80U || std::isalpha(byte) != 0;
    });
}

// Whole words of the vocabulary, with their ids: pieces that stand behind a space where the
// tokenizer marks spaces, or in front of no other piece where it marks the parts of words.
WordIds vocabularyWords(const Tokenizer& tokenizer) {
    WordIds out;
    const bool marksParts = tokenizer.modelType() == "WordPiece";
    for (std::int64_t id = 0; id < tokenizer.vocabularySize(); ++id) {
        const std::optional<std::string> piece = tokenizer.pieceOf(id);
        if (!piece) continue;
        const std::string text = readablePiece(*piece);
        const bool isWhole = marksParts ? !text.starts_with("##") : text.starts_with(" ");
        const std::string word(trimmed(text));
        if (isWhole && isPlainWord(word)) out.try_emplace(word, std::vector{id});
    }
    return out;
}

WordIds fileWords(const Tokenizer& tokenizer, const std::string& path) {
    const std::string text = readFileText(path, kMostFileBytes);
    if (!isValidUtf8(text))
        throw Error(ErrorKind::InputFile, "counterfactual: " + path + " is not valid UTF-8");
    WordIds out;
    for (const ByteRange& range : wordsOf(text)) {
        const std::string word = text.substr(range.begin, range.end - range.begin);
        if (!isPlainWord(word) || out.contains(word)) continue;
        if (out.size() == kMostWords) {
            throw Error(ErrorKind::Usage, "counterfactual: " + path + " has more than " +
                                              std::to_string(kMostWords) + " different words");
        }
        out[word] = tokenizer.encode(" " + word, false).ids();
    }
    std::erase_if(out, [](const auto& each) { return each.second.empty(); });
    if (out.empty()) throw Error(ErrorKind::InputFile, "counterfactual: " + path + " has no word");
    return out;
}

// The mean embedding of each word's tokens, [words, hidden].
at::Tensor embeddingsOf(const WordIds& words, const Scorer& scorer) {
    std::vector<std::int64_t> ids;
    for (const auto& [word, own] : words) ids.insert(ids.end(), own.begin(), own.end());
    const at::Tensor all = scorer.model().embedTokens(at::tensor(ids, at::kLong), scorer.type());
    if (ids.size() == words.size()) return all;
    std::vector<at::Tensor> rows;
    std::int64_t first = 0;
    for (const auto& [word, own] : words) {
        const auto count = static_cast<std::int64_t>(own.size());
        rows.push_back(all.narrow(0, first, count).mean(0));
        first += count;
    }
    return at::stack(rows);
}

// Which word of the prompt becomes which; by the word's place, so that texts are made in one way.
using Edits = std::map<std::size_t, std::string>;

struct Scored {
    Edits edits;
    double margin = 0.0;
};

// Fewer edits first, then the smaller margin, then the text: the result depends on no order.
bool isBetter(const Scored& a, const Scored& b) {
    return std::tie(a.margin, a.edits) < std::tie(b.margin, b.edits);
}

class Search {
public:
    Search(const MethodInput& in, const ParameterSet& settings, const RunContext& context)
        : m_in(in),
          m_settings(settings),
          m_scorer(in.model, marginOf(in.target), in.compute, context),
          m_texts(m_scorer, in.batch) {
        if (in.shift != nullptr) m_scorer.shiftEmbeddings(*in.shift);
        if (in.input.text.empty()) {
            throw Error(ErrorKind::Usage,
                        "counterfactual replaces words: the input was given as token ids; use "
                        "--prompt");
        }
        for (const ByteRange& word : wordsOf(in.input.text))
            if (canEdit(word)) m_words.push_back(word);
        if (m_words.empty())
            throw Error(ErrorKind::Usage, "counterfactual: the prompt has no word to replace");
    }

    Attribution run() {
        propose();
        m_planned = planned();
        m_scorer.context().checkpoint(
            0.01, "counterfactual: at most " + std::to_string(m_planned) + " evaluations");
        const double before = marginsOf({Edits{}}).front();
        Scored best{{}, before};
        std::vector<Scored> beam = {best};
        const auto most = static_cast<std::size_t>(m_settings.integer("most_edits"));
        for (std::size_t step = 0; step < most && best.margin >= 0.0; ++step) {
            beam = extended(beam);
            if (beam.empty()) break;
            if (beam.front().margin < best.margin) best = beam.front();
        }
        return explained(best, before);
    }

private:
    // What the search takes if no step ends it: the words' proposals once, then once for every text
    // of the beam, every edit taken back, the text as it is and its value. Texts that come twice
    // are scored once, so it may be less.
    std::int64_t planned() const {
        std::int64_t proposals = 0;
        for (const auto& words : m_proposals) proposals += std::ssize(words);
        const std::int64_t edits = m_settings.integer("most_edits");
        const std::int64_t steps = 1 + (edits - 1) * m_settings.integer("beam");
        return m_scorer.evaluations() + steps * proposals + edits + 2;
    }

    // The margin of the answer that is explained; a contrast is one already.
    static Target marginOf(Target target) {
        if (target.kind == TargetKind::Continuation) {
            throw Error(ErrorKind::Usage,
                        "counterfactual changes one answer; a continuation has several: explain "
                        "its first token");
        }
        if (target.kind == TargetKind::TokenOrClass) target.kind = TargetKind::Margin;
        return target;
    }

    // Behind what a causal model reads nothing is edited: positions are counted from the end.
    bool canEdit(ByteRange word) const {
        const auto& input = m_in.input;
        if (!isPlainWord(std::string_view(input.text).substr(word.begin, word.end - word.begin)))
            return false;
        const std::vector<std::size_t> tokens = tokensOf(word);
        const std::size_t end = m_in.model.spec().task == Task::CausalLm
                                    ? m_scorer.firstRead(input.tokens.size()) + 1
                                    : input.tokens.size();
        return !tokens.empty() && std::all_of(tokens.begin(), tokens.end(), [&](std::size_t i) {
            return i < end && !input.tokens[i].isSpecial;
        });
    }

    std::string wordAt(std::size_t place) const {
        const ByteRange& word = m_words[place];
        return m_in.input.text.substr(word.begin, word.end - word.begin);
    }

    std::string textWith(const Edits& edits) const {
        std::string out;
        std::size_t begin = 0;
        for (const auto& [place, word] : edits) {
            out += m_in.input.text.substr(begin, m_words[place].begin - begin) + word;
            begin = m_words[place].end;
        }
        return out + m_in.input.text.substr(begin);
    }

    std::vector<double> marginsOf(const std::vector<Edits>& all) {
        std::vector<ChangedText> texts;
        for (const Edits& edits : all)
            texts.push_back(m_in.tokenizer.encode(textWith(edits)).ids());
        return m_texts.values(texts);
    }

    // Per word of the prompt the candidates that lower the margin most, to first order.
    void propose() {
        const std::string& source = m_settings.text("words");
        const auto words = source == "vocabulary" ? vocabularyWords(m_in.tokenizer)
                                                  : fileWords(m_in.tokenizer, source);
        if (words.empty()) {
            throw Error(ErrorKind::Usage,
                        "counterfactual: the vocabulary has no whole words; give words=FILE");
        }
        std::vector<std::string> names;
        for (const auto& [word, ids] : words) names.push_back(word);
        const at::Tensor candidates = embeddingsOf(words, m_scorer);
        const Place place = Place::embeddings(m_scorer, idsOf(m_in.input));
        const at::Tensor text = place.text().tokens[0];  // [tokens, hidden]
        const at::Tensor found = place.gradientsAt(place.here()).gradients[0];
        // Virtual tokens stand before the text's.
        const at::Tensor slope =
            found.narrow(0, found.size(0) - text.numel(), text.numel()).view(text.sizes());
        for (std::size_t i = 0; i < m_words.size(); ++i)
            m_proposals.push_back(proposalsFor(i, names, candidates, slope));
    }

    std::vector<std::string> proposalsFor(std::size_t place, const std::vector<std::string>& names,
                                          const at::Tensor& candidates,
                                          const at::Tensor& slope) const {
        at::Tensor own = at::zeros({slope.size(1)}, slope.options());
        for (const std::size_t token : tokensOf(m_words[place]))
            own += slope[static_cast<std::int64_t>(token)];
        const at::Tensor change = at::mv(candidates, own).to(at::kDouble).contiguous();
        const auto* values = change.const_data_ptr<double>();
        std::vector<std::size_t> order(names.size());
        std::iota(order.begin(), order.end(), std::size_t{0});
        std::erase_if(order, [&](std::size_t i) { return names[i] == wordAt(place); });
        const std::size_t most =
            std::min(order.size(), static_cast<std::size_t>(m_settings.integer("candidates")));
        std::partial_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(most),
                          order.end(), [&](std::size_t a, std::size_t b) {
                              return std::tie(values[a], a) < std::tie(values[b], b);
                          });
        std::vector<std::string> out;
        for (std::size_t i = 0; i < most; ++i) out.push_back(names[order[i]]);
        return out;
    }

    // One edit more than each of these, the best first.
    std::vector<Scored> extended(const std::vector<Scored>& beam) {
        std::set<Edits> next;
        for (const Scored& from : beam) {
            for (std::size_t place = 0; place < m_words.size(); ++place) {
                if (from.edits.contains(place)) continue;
                for (const std::string& word : m_proposals[place]) {
                    Edits edits = from.edits;
                    edits[place] = word;
                    next.insert(std::move(edits));
                }
            }
        }
        const std::vector<Edits> all(next.begin(), next.end());
        m_texts.expect(all.size());
        const std::vector<double> margins = marginsOf(all);
        std::vector<Scored> out;
        for (std::size_t i = 0; i < all.size(); ++i) out.push_back({all[i], margins[i]});
        const std::size_t most =
            std::min(out.size(), static_cast<std::size_t>(m_settings.integer("beam")));
        std::partial_sort(out.begin(), out.begin() + static_cast<std::ptrdiff_t>(most), out.end(),
                          &isBetter);
        out.resize(most);
        return out;
    }

    // A token's score: how far the margin rises again where its word's edit is taken back, shared
    // by the word's tokens.
    Attribution explained(const Scored& best, double before) {
        Attribution out;
        out.baseline = "the edited text";
        out.scores.assign(m_in.input.tokens.size(), 0.0);
        out.figures = {{"margin_before", before},
                       {"margin_after", best.margin},
                       {"flipped", best.margin < 0.0 ? 1.0 : 0.0},
                       {"edits", static_cast<double>(best.edits.size())},
                       {"planned_evaluations", static_cast<double>(m_planned)}};
        for (const auto& [place, word] : best.edits) {
            Edits without = best.edits;
            without.erase(place);
            const double rise = marginsOf({without}).front() - best.margin;
            out.edits.push_back(editOf(place, word));
            for (const std::size_t token : out.edits.back().tokens)
                out.scores[token] = rise / static_cast<double>(out.edits.back().tokens.size());
        }
        if (best.margin >= 0.0) {
            out.warnings.push_back("no edit of at most " + m_settings.text("most_edits") +
                                   " words among the candidates changes the answer; what comes "
                                   "nearest is shown");
        }
        out.targetValue = targetValue();
        out.evaluations = m_scorer.evaluations() + 1;
        labelGradient(out, m_in.model);
        return out;
    }

    double targetValue() const {
        Scorer own(m_in.model, m_in.target, m_in.compute, m_scorer.context());
        return own.values(idsOf(m_in.input)).front();
    }

    Edit editOf(std::size_t place, const std::string& word) const {
        Edit out;
        out.bytes = m_words[place];
        out.from = wordAt(place);
        out.to = word;
        out.tokens = tokensOf(out.bytes);
        return out;
    }

    std::vector<std::size_t> tokensOf(ByteRange word) const {
        std::vector<std::size_t> out;
        for (std::size_t i = 0; i < m_in.input.tokens.size(); ++i) {
            const auto& bytes = m_in.input.tokens[i].bytes;
            if (bytes && bytes->end > word.begin && bytes->begin < word.end) out.push_back(i);
        }
        return out;
    }

    const MethodInput& m_in;
    const ParameterSet& m_settings;
    Scorer m_scorer;
    ChangedTextScorer m_texts;
    std::vector<ByteRange> m_words;
    std::vector<std::vector<std::string>> m_proposals;  // per word
    std::int64_t m_planned = 0;
};

}  // namespace

const std::span<const ParameterInfo> kCounterfactualParameters = kTable;

std::string whyNoCounterfactual(const Model& model) {
    return model.spec().task == Task::Encoder ? "it has no answer that could change" : "";
}

Attribution explainByCounterfactual(const MethodInput& in, const ParameterSet& settings,
                                    const RunContext& context) {
    return Search(in, settings, context).run();
}

}  // namespace driftlens
