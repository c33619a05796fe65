#include "core/tokenizer/component.h"
#include "core/tokenizer/stages.h"

#include <algorithm>
#include <utility>

namespace driftlens {
namespace {

using Pieces = std::vector<std::string>;

std::string replaceAll(const std::string& text, std::string_view from, std::string_view to) {
    std::string out;
    std::size_t at = 0;
    for (std::size_t hit; (hit = text.find(from, at)) != std::string::npos; at = hit + from.size())
        out.append(text, at, hit - at).append(to);
    return out.append(text, at);
}

template <typename Change>
Decoder eachPiece(Change change) {
    return [change](Pieces pieces) {
        for (std::size_t i = 0; i < pieces.size(); ++i)
            pieces[i] = change(std::move(pieces[i]), i, pieces.size());
        return pieces;
    };
}

Decoder makeReplace(const JsonObject& config) {
    const auto regex = std::make_shared<Regex>(patternOf(config));
    const std::string content = config.string("content");
    return eachPiece([=](const std::string& piece, std::size_t, std::size_t) {
        std::vector<Match> matches;
        regex->findAll(piece, matches);
        std::string out;
        std::size_t at = 0;
        for (const Match& match : matches) {
            out.append(piece, at, match.begin - at).append(content);
            at = match.end;
        }
        return out.append(piece, at);
    });
}

// A run of byte pieces becomes text if it is UTF-8, else one replacement character per byte.
Pieces decodeFallback(Pieces pieces) {
    Pieces out;
    std::string bytes;
    const auto flush = [&] {
        if (bytes.empty()) return;
        if (isValidUtf8(bytes)) {
            out.push_back(bytes);
        } else {
            out.insert(out.end(), bytes.size(), "\xEF\xBF\xBD");
        }
        bytes.clear();
    };
    for (std::string& piece : pieces) {
        if (const int byte = fallbackByte(piece); byte >= 0) {
            bytes += static_cast<char>(byte);
        } else {
            flush();
            out.push_back(std::move(piece));
        }
    }
    flush();
    return out;
}

Pieces decodeByteLevel(Pieces pieces) {
    std::string bytes;
    for (const std::string& piece : pieces) {
        std::string part;
        bool isByteLevel = true;
        for (std::size_t at = 0; isByteLevel && at < piece.size();) {
            const int byte = pointToByte(nextPoint(piece, at));
            isByteLevel = byte >= 0;
            part += static_cast<char>(byte);
        }
        bytes += isByteLevel ? part : piece;
    }
    return {repairUtf8(bytes)};
}

Pieces fuse(Pieces pieces) {
    std::string all;
    for (const std::string& piece : pieces) all += piece;
    return {std::move(all)};
}

// English spacing, as BERT's decoders tidy it.
std::string tidied(std::string text) {
    constexpr std::pair<std::string_view, std::string_view> kRules[] = {
        {" .", "."},   {" ?", "?"},     {" !", "!"},    {" ,", ","},
        {" ' ", "'"},  {" n't", "n't"}, {" 'm", "'m"},  {" do not", " don't"},
        {" 's", "'s"}, {" 've", "'ve"}, {" 're", "'re"}};
    for (const auto& [from, to] : kRules) text = replaceAll(text, from, to);
    return text;
}

Decoder makeWordPiece(const JsonObject& config) {
    const std::string prefix = config.string("prefix", "##");
    const bool cleanup = config.boolean("cleanup", true);
    return eachPiece([=](std::string piece, std::size_t i, std::size_t) {
        if (i > 0) piece = piece.starts_with(prefix) ? piece.substr(prefix.size()) : " " + piece;
        return cleanup ? tidied(std::move(piece)) : piece;
    });
}

Decoder makeStrip(const JsonObject& config) {
    const char32_t content = pointOf(config, "content", U' ');
    const auto start = static_cast<std::size_t>(config.integer("start", 0, 1 << 20, 0));
    const auto stop = static_cast<std::size_t>(config.integer("stop", 0, 1 << 20, 0));
    std::string mark;
    appendUtf8(content, mark);
    return eachPiece([=](std::string piece, std::size_t, std::size_t) {
        for (std::size_t i = 0; i < start && piece.starts_with(mark); ++i)
            piece.erase(0, mark.size());
        for (std::size_t i = 0; i < stop && piece.ends_with(mark); ++i)
            piece.resize(piece.size() - mark.size());
        return piece;
    });
}

Decoder makeMetaspace(const JsonObject& config) {
    std::string mark;
    appendUtf8(pointOf(config, "replacement", U'▁'), mark);
    const bool addsSpace = config.boolean("add_prefix_space", true);
    const bool dropsFirst = addsSpace && config.string("prepend_scheme", "always") != "never";
    return eachPiece([=](const std::string& piece, std::size_t i, std::size_t) {
        return replaceAll(piece, mark, i == 0 && dropsFirst ? "" : " ");
    });
}

Decoder makeBpe(const JsonObject& config) {
    const std::string suffix = config.string("suffix", "</w>");
    if (suffix.empty()) malformed(config.what(), "suffix is empty");
    return eachPiece([=](const std::string& piece, std::size_t i, std::size_t count) {
        return replaceAll(piece, suffix, i + 1 == count ? "" : " ");
    });
}

Decoder makeCtc(const JsonObject& config) {
    const std::string pad = config.string("pad_token", "<pad>");
    const std::string delimiter = config.string("word_delimiter_token", "|");
    const bool cleanup = config.boolean("cleanup", true);
    if (pad.empty() || delimiter.empty())
        malformed(config.what(), "pad_token or word_delimiter_token is empty");
    return [=](Pieces pieces) {
        pieces.erase(std::unique(pieces.begin(), pieces.end()), pieces.end());
        Pieces out;
        for (const std::string& piece : pieces) {
            std::string text = replaceAll(piece, pad, "");
            if (cleanup) text = replaceAll(tidied(std::move(text)), delimiter, " ");
            if (!text.empty()) out.push_back(std::move(text));
        }
        return out;
    };
}

Decoder makeSequence(const JsonObject& config) {
    std::vector<Decoder> steps;
    for (const Json& step : listOf(config, "decoders"))
        steps.push_back(makeDecoder(step, config.what()));
    return [steps](Pieces pieces) {
        for (const Decoder& step : steps) pieces = step(std::move(pieces));
        return pieces;
    };
}

template <Pieces (*Apply)(Pieces)>
Decoder plain(const JsonObject&) {
    return Apply;
}

constexpr ComponentRow<Decoder> kDecoders[] = {
    {"BPEDecoder", &makeBpe},
    {"ByteFallback", &plain<decodeFallback>},
    {"ByteLevel", &plain<decodeByteLevel>},
    {"CTC", &makeCtc},
    {"Fuse", &plain<fuse>},
    {"Metaspace", &makeMetaspace},
    {"Replace", &makeReplace},
    {"Sequence", &makeSequence},
    {"Strip", &makeStrip},
    {"WordPiece", &makeWordPiece},
};

}  // namespace

Decoder makeDecoder(const Json& config, const std::string& what) {
    if (config.is_null()) {
        return eachPiece([](std::string piece, std::size_t i, std::size_t) {
            return i > 0 ? " " + piece : piece;
        });
    }
    return makeComponent<Decoder>(kDecoders, JsonObject(config, what + ": decoder"));
}

std::vector<std::string_view> decoderTypes() {
    return typesOf<Decoder>(kDecoders);
}

}  // namespace driftlens
