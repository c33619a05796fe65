// Writes small PEFT folders for tests.
#pragma once

#include "core/base/json.h"
#include "core/files/mapped_file.h"
#include "core/files/safetensors.h"
#include "core/model/loader.h"

#include <filesystem>
#include <map>
#include <string>
#include <unistd.h>

namespace driftlens {

// A LoRA of rank 2 over one matrix, to be changed before it is written; the folder is removed with
// it.
class AdapterWriter {
public:
    // module: "model.layers.0.self_attn.q_proj", with its sizes.
    AdapterWriter(const std::string& module, std::int64_t outFeatures, std::int64_t inFeatures)
        : m_folder(std::filesystem::temp_directory_path() /
                   ("driftlens-adapter-" + std::to_string(::getpid()) + "+a@b")) {
        config = {{"peft_type", "LORA"}, {"r", 2}, {"lora_alpha", 4}};
        const std::string prefix = "base_model.model." + module;
        tensors[prefix + ".lora_A.weight"] =
            at::linspace(-1.0, 1.0, 2 * inFeatures, at::kFloat).view({2, inFeatures});
        tensors[prefix + ".lora_B.weight"] =
            at::linspace(0.5, -0.25, 2 * outFeatures, at::kFloat).view({outFeatures, 2});
    }
    ~AdapterWriter() { std::filesystem::remove_all(m_folder); }
    AdapterWriter(const AdapterWriter&) = delete;
    AdapterWriter& operator=(const AdapterWriter&) = delete;

    Json config;
    std::map<std::string, at::Tensor> tensors;

    const std::filesystem::path& write() const {
        std::filesystem::create_directories(m_folder);
        writeFileAtomically(m_folder / "adapter_config.json", config.dump());
        std::vector<TensorToWrite> out;
        for (const auto& [name, tensor] : tensors) out.push_back(tensorToWrite(name, tensor));
        writeSafetensors(m_folder / "adapter_model.safetensors", std::move(out));
        return m_folder;
    }

private:
    std::filesystem::path m_folder;  // its name needs quotes in a recipe
};

}  // namespace driftlens
