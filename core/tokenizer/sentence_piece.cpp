#include "core/tokenizer/sentence_piece.h"

#include "core/base/error.h"
#include "core/tokenizer/piece_table.h"

#include <bit>
#include <functional>

namespace driftlens {
namespace {

constexpr int kLongestVarint = 10;  // bytes

// One field of a protobuf message: a number, or the bytes of a text or message.
struct Field {
    std::uint64_t number = 0;
    std::uint64_t value = 0;  // varint, or the bits of a 32- or 64-bit number
    std::string_view bytes;
};

class Message {
public:
    Message(std::string_view bytes, const std::string& what) : m_bytes(bytes), m_what(what) {}

    void forEach(const std::function<void(const Field&)>& visit) {
        while (m_at < m_bytes.size()) {
            const std::uint64_t tag = varint();
            Field field;
            field.number = tag >> 3U;
            switch (tag & 7U) {
                case 0:
                    field.value = varint();
                    break;
                case 1:
                    field.value = fixed(8);
                    break;
                case 2:
                    field.bytes = take(varint());
                    break;
                case 5:
                    field.value = fixed(4);
                    break;
                default:
                    fail("has a field of wire type " + std::to_string(tag & 7U));
            }
            visit(field);
        }
    }

private:
    [[noreturn]] void fail(const std::string& why) const {
        throw Error(ErrorKind::InputFile,
                    m_what + ": no SentencePiece model: byte " + std::to_string(m_at) + " " + why);
    }

    std::string_view take(std::uint64_t size) {
        if (size > m_bytes.size() - m_at)
            fail("begins a field of " + std::to_string(size) + " bytes");
        const std::string_view out = m_bytes.substr(m_at, static_cast<std::size_t>(size));
        m_at += out.size();
        return out;
    }

    std::uint64_t varint() {
        std::uint64_t value = 0;
        for (int i = 0; i < kLongestVarint; ++i) {
            const auto byte = static_cast<unsigned char>(take(1)[0]);
            value |= static_cast<std::uint64_t>(byte & 0x7FU) << (7U * static_cast<unsigned>(i));
            if ((byte & 0x80U) == 0) return value;
        }
        fail("ends a number that is too long");
    }

    std::uint64_t fixed(std::size_t size) {
        const std::string_view bytes = take(size);
        std::uint64_t value = 0;
        for (std::size_t i = 0; i < size; ++i)
            value |= static_cast<std::uint64_t>(static_cast<unsigned char>(bytes[i])) << (8U * i);
        return value;
    }

    std::string_view m_bytes;
    const std::string& m_what;
    std::size_t m_at = 0;
};

void readPiece(std::string_view bytes, const std::string& what, GgufVocabulary& out) {
    std::string text;
    float score = 0.0F;
    auto type = static_cast<std::int32_t>(GgufTokenType::Normal);
    Message(bytes, what).forEach([&](const Field& field) {
        if (field.number == 1) text = field.bytes;
        if (field.number == 2)
            score = std::bit_cast<float>(static_cast<std::uint32_t>(field.value));
        if (field.number == 3) type = static_cast<std::int32_t>(field.value);
    });
    out.tokens.push_back(std::move(text));
    out.scores.push_back(score);
    out.tokenTypes.push_back(type);
}

[[noreturn]] void unsupported(const std::string& what, const std::string& why) {
    throw Error(ErrorKind::Unsupported, what + ": " + why +
                                            " is not supported; save the "
                                            "tokenizer as tokenizer.json");
}

// Ids that are negative there are absent.
std::optional<std::int64_t> idOf(std::uint64_t value) {
    const auto id = static_cast<std::int32_t>(static_cast<std::uint32_t>(value));
    return id < 0 ? std::nullopt : std::optional<std::int64_t>(id);
}

void readTrainer(std::string_view bytes, const std::string& what, GgufVocabulary& out) {
    Message(bytes, what).forEach([&](const Field& field) {
        switch (field.number) {
            case 3:
                if (field.value != 1 && field.value != 2)
                    unsupported(what,
                                "a SentencePiece model of kind " + std::to_string(field.value));
                out.model = field.value == 1 ? "t5" : "llama";
                break;
            case 24:
                if (field.value != 0) unsupported(what, "white space as a suffix");
                break;
            case 40:
                out.unknown = idOf(field.value);
                break;
            case 41:
                out.bos = idOf(field.value);
                break;
            case 42:
                out.eos = idOf(field.value);
                break;
            case 43:
                out.padding = idOf(field.value);
                break;
            default:
                break;
        }
    });
}

void readNormalizer(std::string_view bytes, const std::string& what, GgufVocabulary& out) {
    Message(bytes, what).forEach([&](const Field& field) {
        if (field.number == 2) out.precompiledCharsmap = field.bytes;
        if (field.number == 3) out.addsSpacePrefix = field.value != 0;
        if (field.number == 4) out.removesExtraSpaces = field.value != 0;
        if (field.number == 5 && field.value == 0) unsupported(what, "unescaped white space");
    });
}

}  // namespace

GgufVocabulary readSentencePieceModel(std::string_view bytes, const std::string& what) {
    GgufVocabulary out;
    // What protobuf leaves out has these values.
    out.model = "t5";
    out.unknown = 0;
    out.bos = 1;
    out.eos = 2;
    out.addsSpacePrefix = true;
    out.removesExtraSpaces = true;
    out.addsBos = out.addsEos = false;
    Message(bytes, what).forEach([&](const Field& field) {
        if (field.number == 1) readPiece(field.bytes, what, out);
        if (field.number == 2) readTrainer(field.bytes, what, out);
        if (field.number == 3) readNormalizer(field.bytes, what, out);
    });
    return out;
}

}  // namespace driftlens
