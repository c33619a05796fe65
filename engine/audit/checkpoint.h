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
#include <initializer_list>
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

// All notes of a file. Throws Error(InputFile) naming `what`; if `tornEnd` is given, an incomplete
// note at the end sets it instead.
std::vector<SignedCheckpoint> parseCheckpoints(std::string_view text, std::string_view what,
                                               bool* tornEnd = nullptr);

}  // namespace driftlens::audit
