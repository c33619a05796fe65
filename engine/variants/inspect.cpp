#include "engine/variants/inspect.h"

#include "core/base/error.h"
#include "core/base/json.h"
#include "core/base/text.h"
#include "core/files/checkpoint.h"
#include "core/model/loader.h"
#include "core/model/model.h"
#include "engine/variants/diagnosis.h"
#include "engine/variants/model_source.h"

#include <algorithm>
#include <set>
#include <system_error>

namespace driftlens {
namespace {

namespace fs = std::filesystem;

// The type that compressed weights are written in: their own, if it is a 16-bit float.
at::ScalarType writtenType(const Linear& linear) {
    const std::string form = linear.info().form;
    return form == "F16" ? at::kHalf : form == "BF16" ? at::kBFloat16 : at::kFloat;
}

// A parameter as the model holds it, in the type that it is written in.
at::Tensor valueOf(const Model& model, const LoadedParameter& parameter) {
    const ModelWeights& weights = model.weights();
    const auto tensor = weights.tensors.find(parameter.canonical);
    if (tensor != weights.tensors.end()) return tensor->second;
    const auto table = weights.linears.find(parameter.canonical);
    if (table != weights.linears.end()) return table->second->dense(writtenType(*table->second));
    const std::string module = parameter.canonical.substr(0, parameter.canonical.rfind('.'));
    const Linear& linear = *weights.linears.at(module);
    return parameter.canonical.ends_with(".weight") ? linear.dense(writtenType(linear))
                                                    : linear.bias();
}

// What is written under a stored tensor's name, in the checkpoint's own layout: every parameter is
// put where it was read from, as floats.
at::Tensor contentOf(const Model& model, const std::vector<LoadedParameter>& parameters) {
    std::vector<at::Tensor> values;
    for (const LoadedParameter& parameter : parameters) values.push_back(valueOf(model, parameter));
    const at::ScalarType first = values.front().scalar_type();
    const bool isOneType = std::all_of(values.begin(), values.end(), [&](const at::Tensor& value) {
        return value.scalar_type() == first;
    });
    at::Tensor whole =
        at::empty(parameters.front().storedShape, isOneType ? first : at::ScalarType::Float);
    for (std::size_t i = 0; i < values.size(); ++i) {
        at::Tensor part = partOf(whole, parameters[i].source);
        part.copy_(values[i].view_as(part));
    }
    return whole;
}

// What an adapter or a scheme brought may have no place in a folder like the one that was read.
void refuseUnwritable(const Model& model, const std::vector<LoadedParameter>& parameters) {
    const auto refuse = [](const std::string& what) {
        throw Error(ErrorKind::Unsupported, "compress cannot write " + what);
    };
    if (model.weights().virtualTokens.kind != VirtualKind::None)
        refuse("virtual tokens: a checkpoint folder has no place for them; keep the adapter");
    std::set<std::string> names;
    for (const LoadedParameter& parameter : parameters) names.insert(parameter.canonical);
    for (const auto& [module, linear] : model.weights().linears) {
        if (linear->info().roundsActivations)
            refuse(inQuotes(module) +
                   ": a checkpoint folder cannot say that it rounds activations");
        const bool isTable = module == kTokenTable;
        const bool hasPlace =
            isTable || (names.contains(module + ".weight") &&
                        (!linear->bias().defined() || names.contains(module + ".bias")));
        if (hasPlace) continue;
        refuse(inQuotes(module) +
               ": the folder that was read has no tensor for a head or bias of its own");
    }
}

void copySideFiles(const fs::path& from, const fs::path& to) {
    for (const char* name : {"generation_config.json", "tokenizer.json", "tokenizer_config.json",
                             "special_tokens_map.json", "vocab.txt", "vocab.json", "merges.txt"}) {
        std::error_code status;
        if (!fs::exists(from / name, status)) continue;
        writeFileAtomically(to / name, readFileText(from / name));
    }
}

void makeEmptyFolder(const fs::path& folder) {
    std::error_code status;
    if (fs::exists(folder, status) &&
        !(fs::is_directory(folder, status) && fs::is_empty(folder, status))) {
        throw Error(ErrorKind::Usage, folder.string() + ": exists and is not an empty folder");
    }
    fs::create_directories(folder, status);
    if (status)
        throw Error(ErrorKind::Io, folder.string() + ": cannot be created: " + status.message());
}

}  // namespace

Inspection inspectVariant(const VariantSpec& spec, const RunContext& context) {
    return inspectVariant(VariantLoader().load(spec, {}, true, context));
}

Inspection inspectVariant(const LoadedVariant& variant) {
    const std::shared_ptr<const ModelSource>& source = variant.source;
    const LoadedModel& loaded = source->loaded();
    const ModelSpec& model = variant.model->spec();
    Inspection out;
    out.model = variant.identity;
    out.task = taskName(model.task);
    out.layers = static_cast<std::int64_t>(model.blocks.size());
    out.hiddenSize = model.hiddenSize;
    out.vocabularySize = model.vocabularySize;
    out.maxPositions = model.maxPositions;
    out.classLabels = model.classLabels;
    out.tokenizer = source->whyNoTexts().empty()
                        ? std::string(variant.tokenizer->modelType()) + ", " +
                              std::to_string(variant.tokenizer->vocabularySize()) + " ids"
                        : "none: token ids only";
    out.bitsPerWeight = 8.0 * static_cast<double>(out.model.storedBytes) /
                        static_cast<double>(out.model.parameters);
    out.warnings = loaded.warnings;
    const std::vector<std::string> odd =
        source->gguf() != nullptr ? diagnoseGguf(*source->gguf()) : diagnose(loaded);
    out.warnings.insert(out.warnings.end(), odd.begin(), odd.end());
    out.unusedTensors = loaded.unused;
    out.chatTemplates = variant.tokenizer->chatTemplates();
    if (variant.tokenizer->vocabularySize() > model.vocabularySize) {
        out.warnings.push_back("the tokenizer has " +
                               std::to_string(variant.tokenizer->vocabularySize()) +
                               " ids, the model only " + std::to_string(model.vocabularySize));
    }
    for (const LoadedParameter& parameter : loaded.parameters) {
        InspectedTensor row{parameter.canonical, parameter.checkpointName, parameter.storedAs,
                            parameter.shape, 0};
        const ModelWeights& weights = variant.model->weights();
        const std::string module = parameter.canonical.substr(0, parameter.canonical.rfind('.'));
        const bool isTable = parameter.canonical == kTokenTable;
        const auto linear = weights.linears.find(isTable ? parameter.canonical : module);
        const bool isWeight = isTable || parameter.canonical.ends_with(".weight");
        if (linear != weights.linears.end() && isWeight) {
            row.form = linear->second->info().form;
            row.bytes = linear->second->info().storedBytes;
        } else {
            const at::Tensor tensor = linear != weights.linears.end()
                                          ? linear->second->bias()
                                          : weights.tensors.at(parameter.canonical);
            row.bytes = tensor.numel() * tensor.element_size();
        }
        out.tensors.push_back(std::move(row));
    }
    return out;
}

fs::path saveVariant(const VariantSpec& spec, const fs::path& folder, const RunContext& context) {
    if (spec.steps.empty())
        throw Error(ErrorKind::Usage, "compress needs a scheme; see driftlens compress --help");
    const LoadedVariant variant = VariantLoader().load(spec, {}, false, context);
    const std::shared_ptr<const ModelSource>& source = variant.source;
    if (source->checkpoint() == nullptr) {
        throw Error(ErrorKind::Unsupported,
                    spec.path.string() +
                        ": compress writes folders like the one it read; it "
                        "cannot make one of a GGUF file");
    }
    const Checkpoint& checkpoint = *source->checkpoint();
    const LoadedModel& loaded = source->loaded();
    refuseUnwritable(*variant.model, loaded.parameters);
    makeEmptyFolder(folder);
    std::map<std::string, std::vector<LoadedParameter>> byName;
    for (const LoadedParameter& parameter : loaded.parameters)
        byName[parameter.checkpointName].push_back(parameter);

    // Only parameters: scales of the old form mean nothing beside the new values.
    std::vector<at::Tensor> contents;
    std::vector<TensorToWrite> tensors;
    for (const auto& [name, parameters] : byName) {
        contents.push_back(contentOf(*variant.model, parameters).contiguous());
        tensors.push_back(tensorToWrite(name, contents.back()));
    }
    writeSafetensors(folder / "model.safetensors", std::move(tensors), {{"format", "pt"}});
    copySideFiles(spec.path, folder);
    Json config = checkpoint.config();
    config.erase("quantization_config");
    config.erase("compression_config");
    writeFileAtomically(folder / "config.json", config.dump(1) + "\n");
    const Json recipe = {{"schema", "driftlens/recipe/1"},
                         {"scheme", variant.identity.scheme},
                         {"parent_digest", toHex(manifestDigest(source->digests()))},
                         {"stored_as", "dense values of the compressed weights"}};
    writeFileAtomically(folder / "driftlens_recipe.json", recipe.dump(1) + "\n");
    return folder;
}

}  // namespace driftlens
