// Chat templates of a checkpoint folder, as text.
#pragma once

#include <filesystem>
#include <map>
#include <string>

namespace driftlens {

// "chat_template" of tokenizer_config.json (a text, or a list of names and texts),
// chat_template.jinja, chat_template.json and additional_chat_templates/*.jinja; a file of its own
// counts before the configuration. Throws Error(InputFile) for malformed ones.
std::map<std::string, std::string> readChatTemplates(const std::filesystem::path& folder);

}  // namespace driftlens
