#include "engine/audit/checkpoint.h"

#include "core/base/error.h"
#include "core/base/text.h"
#include "engine/audit/record.h"

#include <algorithm>
#include <charconv>

namespace driftlens::audit {
namespace {

constexpr std::string_view kDash = "\xe2\x80\x94 ";  // an em dash and a space
constexpr std::size_t kKeyIdBytes = 4;
constexpr std::size_t kReadBytes = std::size_t{1} << 16;

[[noreturn]] void notACheckpoint(std::string_view why) {
    throw Error(ErrorKind::InputFile, "it is no checkpoint (" + std::string(why) + ")");
}

std::int64_t parseSize(std::string_view text) {
    std::int64_t size = 0;
    const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), size);
    const bool whole = status == std::errc() && end == text.data() + text.size();
    if (!whole || size < 0 || std::to_string(size) != text) notACheckpoint("its size");
    return size;
}

std::string signatureLine(const std::string& name, const std::string& body, const SigningKey& key) {
    const VerifierKey verifier{name, key.publicKey()};
    const Signature signature = key.sign(body);
    const std::string bytes = std::string(bytesOf(verifier.id())) + std::string(bytesOf(signature));
    return std::string(kDash) + name + ' ' + toBase64(bytes) + '\n';
}

// The signature lines of a note, without the dash: "NAME BASE64".
std::vector<std::string> signatureLines(std::string_view note) {
    const std::size_t body = note.find("\n\n");
    std::vector<std::string> lines = splitText(note.substr(body + 2), '\n');
    for (std::string& line : lines) {
        if (line.starts_with(kDash)) line.erase(0, kDash.size());
    }
    return lines;
}

}  // namespace

std::string originOf(std::string_view logId) {
    return "driftlens/" + std::string(logId);
}

std::string Checkpoint::body() const {
    return origin + '\n' + std::to_string(size) + '\n' + toBase64(bytesOf(root)) + '\n';
}

bool SignedCheckpoint::isSignedBy(const VerifierKey& key) const {
    const std::string prefix = key.name + ' ';
    for (const std::string& line : signatureLines(note)) {
        if (!line.starts_with(prefix)) continue;
        std::string bytes;
        try {
            bytes = fromBase64(std::string_view(line).substr(prefix.size()));
        } catch (const Error&) {
            continue;
        }
        Signature signature{};
        if (bytes.size() != kKeyIdBytes + signature.size()) continue;
        if (bytes.substr(0, kKeyIdBytes) != bytesOf(key.id())) continue;
        std::transform(bytes.begin() + kKeyIdBytes, bytes.end(), signature.begin(),
                       [](char c) { return static_cast<std::uint8_t>(c); });
        if (key.verifies(checkpoint.body(), signature)) return true;
    }
    return false;
}

std::string signedNote(const Checkpoint& checkpoint,
                       std::initializer_list<const SigningKey*> keys) {
    const std::string body = checkpoint.body();
    std::string note = body + '\n';
    for (const SigningKey* key : keys) note += signatureLine(checkpoint.origin, body, *key);
    return note;
}

SignedCheckpoint parseCheckpoint(std::string_view note) {
    if (!isValidUtf8(note)) notACheckpoint("it is not UTF-8");
    const std::size_t end = note.find("\n\n");
    if (end == std::string_view::npos) notACheckpoint("it has no empty line");
    const std::vector<std::string> lines = splitText(note.substr(0, end), '\n');
    if (lines.size() != 3 || lines[0].empty()) notACheckpoint("it has no three lines");
    SignedCheckpoint out;
    out.checkpoint.origin = lines[0];
    out.checkpoint.size = parseSize(lines[1]);
    out.checkpoint.root = digestFrom(fromBase64(lines[2]));
    out.note = note;
    const std::string_view signatures = note.substr(end + 2);
    if (!signatures.starts_with(kDash) || !signatures.ends_with('\n') ||
        signatures.find("\n\n") != std::string_view::npos) {
        notACheckpoint("its signature lines");
    }
    return out;
}

std::string_view nextNote(std::string_view& rest) {
    const std::size_t body = rest.find("\n\n");
    if (body == std::string_view::npos) return {};
    const std::size_t end = rest.find("\n\n", body + 2);
    if (end == std::string_view::npos) return {};
    const std::string_view note = rest.substr(0, end + 1);
    rest.remove_prefix(end + 2);
    return note;
}

// A body ends with an empty line as well, so the line before decides.
std::size_t wholeNotesEnd(std::string_view text) {
    for (std::size_t end = text.rfind("\n\n"); end != std::string_view::npos && end > 0;
         end = text.rfind("\n\n", end - 1)) {
        const std::size_t line = text.rfind('\n', end - 1);
        if (line != std::string_view::npos && text.substr(line + 1).starts_with(kDash)) {
            return end + 2;
        }
    }
    return 0;
}

std::string_view lastNote(std::string_view text) {
    const std::size_t end = wholeNotesEnd(text);
    const std::size_t body = end < 3 ? std::string_view::npos : text.rfind("\n\n", end - 3);
    if (body == std::string_view::npos || body == 0) return {};
    const std::size_t before = text.rfind("\n\n", body - 1);
    const std::size_t start = before == std::string_view::npos ? 0 : before + 2;
    return text.substr(start, end - 1 - start);
}

NoteReader::NoteReader(const std::filesystem::path& file) : m_stream(file, std::ios::binary) {}

bool NoteReader::readMore() {
    if (m_buffer.size() - m_at > kMaxNoteBytes) notACheckpoint("it is too long");
    m_buffer.erase(0, m_at);
    m_at = 0;
    const std::size_t before = m_buffer.size();
    m_buffer.resize(before + kReadBytes);
    m_stream.read(m_buffer.data() + before, kReadBytes);
    m_buffer.resize(before + static_cast<std::size_t>(m_stream.gcount()));
    return m_buffer.size() > before;
}

std::optional<SignedCheckpoint> NoteReader::next() {
    try {
        do {
            std::string_view rest = std::string_view(m_buffer).substr(m_at);
            const std::string_view note = nextNote(rest);
            if (note.empty()) continue;
            ++m_count;
            m_at = m_buffer.size() - rest.size();
            return parseCheckpoint(note);
        } while (readMore());
    } catch (const Error& error) {
        throw error.withContext("note " + std::to_string(m_count));
    }
    return std::nullopt;
}

std::vector<SignedCheckpoint> parseCheckpoints(std::string_view text, std::string_view what) {
    std::vector<SignedCheckpoint> out;
    try {
        for (std::string_view note = nextNote(text); !note.empty(); note = nextNote(text)) {
            out.push_back(parseCheckpoint(note));
        }
        // A note by itself, as it is printed and mailed, has no empty line after it.
        if (!text.empty()) out.push_back(parseCheckpoint(text));
    } catch (const Error& error) {
        throw Error(error.kind(), std::string(what) + ": note " + std::to_string(out.size() + 1) +
                                      ": " + error.what());
    }
    return out;
}

}  // namespace driftlens::audit
