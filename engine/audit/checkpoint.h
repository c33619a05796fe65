// Checkpoints: what a log was at one size, signed. C2SP tlog-checkpoint inside C2SP signed-note:
//
//   ORIGIN LF SIZE LF BASE64(root) LF LF "— " NAME " " BASE64(key id ‖ signature) LF
//
// The signature is Ed25519 over the first three lines. ORIGIN and NAME are "driftlens/" and the
// log's id. A file of checkpoints holds notes with an empty line after each.
#pragma once

#include "core/base/digest.h"
#include "engine/audit/signature.h"

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace driftlens::audit {

// Longer than any note of two signatures, with what surrounds it.
inline constexpr std::size_t kMaxNoteBytes = 4096;

struct Checkpoint {
    std::string origin;
    std::int64_t size = 0;
    Sha256 root{};

    std::string body() const;  // the three lines that are signed
    bool operator==(const Checkpoint&) const = default;
};

std::string originOf(std::string_view logId);

// A checkpoint as it was read; signatures are not yet checked.
struct SignedCheckpoint {
    Checkpoint checkpoint;
    std::string note;  // body, empty line, signature lines

    // Whether a line of the note is a valid signature by this key.
    bool isSignedBy(const VerifierKey& key) const;
};

// The note, with one signature line per key; all under the checkpoint's origin as their name.
std::string signedNote(const Checkpoint& checkpoint, std::initializer_list<const SigningKey*> keys);

// One note. Throws Error(InputFile) if it is none, whatever trails it included.
SignedCheckpoint parseCheckpoint(std::string_view note);

// Cuts the first note and the empty line after it from `rest`; empty if what is left is no whole
// note.
std::string_view nextNote(std::string_view& rest);

// Of a text that may start inside a note: where its last whole note ends, with the empty line after
// it (0 if there is none), and that note (empty if it does not start in the text).
std::size_t wholeNotesEnd(std::string_view text);
std::string_view lastNote(std::string_view text);

// Reads a file of checkpoints note by note, for it may be large.
class NoteReader {
public:
    // A file that is not there has no notes.
    explicit NoteReader(const std::filesystem::path& file);

    // The next note; nothing at the end, where a crash may have left a part of one. Throws
    // Error(InputFile) with the number of the note.
    std::optional<SignedCheckpoint> next();

private:
    bool readMore();

    std::ifstream m_stream;
    std::string m_buffer;
    std::size_t m_at = 0;  // where the next note begins in it
    std::int64_t m_count = 0;
};

// All notes of a text, or one by itself. Throws Error(InputFile) naming `what`.
std::vector<SignedCheckpoint> parseCheckpoints(std::string_view text, std::string_view what);

}  // namespace driftlens::audit
