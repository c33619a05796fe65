// SentencePiece's own model file (google/sentencepiece, sentencepiece_model.proto).
#pragma once

#include "core/tokenizer/gguf_vocabulary.h"

#include <string>
#include <string_view>

namespace driftlens {

// The vocabulary of a serialised ModelProto: "llama" for its BPE, "t5" for its Unigram kind. No
// text is put around an input. Throws Error(InputFile), naming `what`, for a malformed file,
// Error(Unsupported) for other kinds and for white space as a suffix.
GgufVocabulary readSentencePieceModel(std::string_view bytes, const std::string& what);

}  // namespace driftlens
