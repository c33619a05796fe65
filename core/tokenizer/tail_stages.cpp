// Post-processors and decoders.
#include "core/base/error.h"
#include "core/base/text.h"
#include "core/tokenizer/regex.h"
#include "core/tokenizer/stages.h"

#include <utility>

namespace driftlens {
namespace {

[[noreturn]] void unsupported(const JsonObject& object, const std::string& type) {
    throw Error(ErrorKind::Unsupported, object.what() + " " + inQuotes(type) + " is not supported");
}

const Json& listOf(const JsonObject& config, std::string_view key) {
    const Json* list = config.find(key);
    if (list == nullptr || !list->is_array()) {
        throw Error(ErrorKind::InputFile, config.what() + ": " + std::string(key) + " is no list");
    }
    return *list;
}

Template readTemplate(const JsonObject& config) {
    Template out;
    const JsonObject tokens = config.object("special_tokens");
    bool afterText = false;
    for (const Json& step : listOf(config, "single")) {
        const JsonObject object(step, config.what() + ": single");
        if (object.has("Sequence")) {
            afterText = true;
            continue;
        }
        const std::string name = object.object("SpecialToken").string("id");
        const JsonObject token = tokens.object(name);
        for (const Json& id : listOf(token, "ids")) {
            if (!id.is_number_unsigned()) {
                throw Error(ErrorKind::InputFile,
                            token.what() + ": ids has an entry that is no id");
            }
            (afterText ? out.suffix : out.prefix).emplace_back(id.get<std::int64_t>(), name);
        }
    }
    return out;
}

// BertProcessing and RobertaProcessing: {"sep": ["</s>", 2], "cls": ["<s>", 0]}.
Template readClsSep(const JsonObject& config) {
    const auto read = [&](std::string_view key) {
        const Json& pair = listOf(config, key);
        if (pair.size() != 2 || !pair[0].is_string() || !pair[1].is_number_unsigned()) {
            throw Error(ErrorKind::InputFile,
                        config.what() + ": " + std::string(key) + " is no token and id");
        }
        return std::pair(pair[1].get<std::int64_t>(), pair[0].get<std::string>());
    };
    Template out;
    out.prefix.push_back(read("cls"));
    out.suffix.push_back(read("sep"));
    return out;
}

Decoder replaceDecoder(const JsonObject& config) {
    const JsonObject pattern = config.object("pattern");
    auto regex = std::make_shared<Regex>(
        pattern.has("Regex") ? Regex(pattern.string("Regex"), config.what())
                             : Regex::literal(pattern.string("String"), config.what()));
    const std::string content = config.string("content");
    return [=](std::vector<std::string> pieces) {
        for (std::string& piece : pieces) {
            std::string out;
            std::size_t at = 0;
            for (const auto& [begin, end] : regex->findAll(piece)) {
                out += piece.substr(at, begin - at) + content;
                at = end;
            }
            piece = out + piece.substr(at);
        }
        return pieces;
    };
}

const std::string kReplacementCharacter = "\xEF\xBF\xBD";

// A run of byte pieces becomes text if it is UTF-8, else one replacement character per byte.
std::vector<std::string> decodeFallback(std::vector<std::string> pieces) {
    std::vector<std::string> out;
    std::string bytes;
    const auto flush = [&] {
        if (bytes.empty()) return;
        if (isValidUtf8(bytes)) {
            out.push_back(bytes);
        } else {
            for (std::size_t i = 0; i < bytes.size(); ++i) out.push_back(kReplacementCharacter);
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

// Ill-formed UTF-8 becomes U+FFFD, one per maximal ill-formed part (Unicode 3.9, practice U+FFFD).
std::string repairUtf8(const std::string& bytes) {
    std::string out;
    for (std::size_t i = 0; i < bytes.size();) {
        std::size_t length = 0;
        for (std::size_t n = 1; n <= 4 && i + n <= bytes.size(); ++n) {
            if (isValidUtf8(std::string_view(bytes).substr(i, n))) length = n;
            if (length > 0) break;
        }
        if (length > 0) {
            out += bytes.substr(i, length);
            i += length;
            continue;
        }
        out += kReplacementCharacter;
        const auto first = static_cast<unsigned char>(bytes[i]);
        const std::size_t wanted = first >= 0xF0U ? 4 : first >= 0xE0U ? 3 : first >= 0xC2U ? 2 : 1;
        std::size_t used = 1;
        // A truncated sequence is one part as long as it could still have become well-formed.
        while (used < wanted && i + used < bytes.size()) {
            std::string probe = bytes.substr(i, used + 1);
            static const std::string kTails[] = {"", "\x80", "\x80\x80", "\x80\x80\x80"};
            bool couldBe = false;
            for (const int tail : {0x80, 0x90, 0xA0, 0xBF}) {
                std::string whole = probe + kTails[wanted - probe.size()];
                if (whole.size() > probe.size()) whole[probe.size()] = static_cast<char>(tail);
                couldBe = couldBe || isValidUtf8(whole);
            }
            if (!couldBe) break;
            ++used;
        }
        i += used;
    }
    return out;
}

std::vector<std::string> decodeByteLevel(std::vector<std::string> pieces) {
    std::string bytes;
    for (const std::string& piece : pieces) {
        std::string part;
        bool isByteLevel = true;
        for (const char32_t point : toPoints(piece)) {
            const int byte = pointToByte(point);
            isByteLevel = isByteLevel && byte >= 0;
            part += static_cast<char>(byte);
        }
        bytes += isByteLevel ? part : piece;
    }
    return {repairUtf8(bytes)};
}

Decoder wordPieceDecoder(const JsonObject& config) {
    const std::string prefix = config.string("prefix", "##");
    const bool cleanup = config.boolean("cleanup", true);
    return [=](std::vector<std::string> pieces) {
        static const std::pair<std::string, std::string> kCleanups[] = {
            {" .", "."},   {" ?", "?"},     {" !", "!"},    {" ,", ","},
            {" ' ", "'"},  {" n't", "n't"}, {" 'm", "'m"},  {" do not", " don't"},
            {" 's", "'s"}, {" 've", "'ve"}, {" 're", "'re"}};
        for (std::size_t i = 0; i < pieces.size(); ++i) {
            if (i > 0) {
                pieces[i] = pieces[i].starts_with(prefix) ? pieces[i].substr(prefix.size())
                                                          : " " + pieces[i];
            }
            if (!cleanup) continue;
            for (const auto& [from, to] : kCleanups) {
                for (std::size_t at = 0; (at = pieces[i].find(from, at)) != std::string::npos;
                     at += to.size()) {
                    pieces[i].replace(at, from.size(), to);
                }
            }
        }
        return pieces;
    };
}

Decoder stripDecoder(const JsonObject& config) {
    const std::string content = config.string("content", " ");
    const auto start = static_cast<std::size_t>(config.integer("start", 0, 1 << 20, 0));
    const auto stop = static_cast<std::size_t>(config.integer("stop", 0, 1 << 20, 0));
    return [=](std::vector<std::string> pieces) {
        for (std::string& piece : pieces) {
            for (std::size_t i = 0; i < start && piece.starts_with(content); ++i)
                piece.erase(0, content.size());
            for (std::size_t i = 0; i < stop && piece.ends_with(content); ++i)
                piece.resize(piece.size() - content.size());
        }
        return pieces;
    };
}

Decoder metaspaceDecoder(const JsonObject& config) {
    const std::string mark = config.string("replacement", "▁");
    const std::string scheme = config.string("prepend_scheme", "always");
    return [=](std::vector<std::string> pieces) {
        for (std::size_t i = 0; i < pieces.size(); ++i) {
            std::string& piece = pieces[i];
            for (std::size_t at = 0; (at = piece.find(mark, at)) != std::string::npos; ++at) {
                piece.replace(at, mark.size(), " ");
            }
            if (i == 0 && scheme != "never" && piece.starts_with(" ")) piece.erase(0, 1);
        }
        return pieces;
    };
}

Decoder sequenceDecoder(const JsonObject& config) {
    std::vector<Decoder> steps;
    for (const Json& step : listOf(config, "decoders"))
        steps.push_back(makeDecoder(step, config.what()));
    return [steps](std::vector<std::string> pieces) {
        for (const Decoder& step : steps) pieces = step(std::move(pieces));
        return pieces;
    };
}

}  // namespace

int fallbackByte(std::string_view piece) {
    if (piece.size() != 6 || !piece.starts_with("<0x") || piece.back() != '>') return -1;
    int value = 0;
    for (const char c : piece.substr(3, 2)) {
        const int digit = c >= '0' && c <= '9' ? c - '0' : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
        if (digit < 0) return -1;
        value = value * 16 + digit;
    }
    return value;
}

Template makeTemplate(const Json& config, const std::string& what) {
    if (config.is_null()) return {};
    const JsonObject object(config, what + ": post_processor");
    const std::string type = object.string("type");
    if (type == "TemplateProcessing") return readTemplate(object);
    if (type == "BertProcessing") return readClsSep(object);
    if (type == "RobertaProcessing") {
        Template out = readClsSep(object);
        out.trimOffsets = object.boolean("trim_offsets", true);
        return out;
    }
    if (type == "ByteLevel") return {{}, {}, object.boolean("trim_offsets", true)};
    if (type == "Sequence") {
        Template out;
        for (const Json& step : listOf(object, "processors")) {
            Template part = makeTemplate(step, what);
            out.trimOffsets = out.trimOffsets || part.trimOffsets;
            out.prefix.insert(out.prefix.begin(), part.prefix.begin(), part.prefix.end());
            out.suffix.insert(out.suffix.end(), part.suffix.begin(), part.suffix.end());
        }
        return out;
    }
    unsupported(object, type);
}

Decoder makeDecoder(const Json& config, const std::string& what) {
    if (config.is_null()) {
        return [](std::vector<std::string> pieces) {
            for (std::size_t i = 1; i < pieces.size(); ++i) pieces[i] = " " + pieces[i];
            return pieces;
        };
    }
    const JsonObject object(config, what + ": decoder");
    const std::string type = object.string("type");
    if (type == "ByteLevel") return decodeByteLevel;
    if (type == "WordPiece") return wordPieceDecoder(object);
    if (type == "Replace") return replaceDecoder(object);
    if (type == "ByteFallback") return decodeFallback;
    if (type == "Strip") return stripDecoder(object);
    if (type == "Metaspace") return metaspaceDecoder(object);
    if (type == "Sequence") return sequenceDecoder(object);
    if (type == "Fuse") {
        return [](std::vector<std::string> pieces) {
            std::string all;
            for (const std::string& piece : pieces) all += piece;
            return std::vector<std::string>{all};
        };
    }
    unsupported(object, type);
}

}  // namespace driftlens
