// How the byte-level vocabularies of GGUF files cut words.
#pragma once

#include "core/base/json.h"

#include <string>
#include <string_view>

namespace driftlens {

struct GgufPreTokenizer {
    Json config;  // a pre_tokenizer of tokenizer.json
    bool ignoresMerges = false;
    bool addsBos = false, addsEos = false;  // where the file does not say
};

// Throws Error(Unsupported), listing those there are, for an unknown name; "" is "default".
GgufPreTokenizer ggufPreTokenizer(const std::string& name, const std::string& what);

}  // namespace driftlens
