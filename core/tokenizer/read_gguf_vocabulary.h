// The vocabulary in a GGUF file's metadata.
#pragma once

#include "core/files/gguf.h"
#include "core/tokenizer/gguf_vocabulary.h"

namespace driftlens {

// Throws Error(InputFile), naming file, key and value, if the file has no vocabulary or a key has
// another type or count than it must.
GgufVocabulary readGgufVocabulary(const GgufMetadata& metadata);

}  // namespace driftlens
