#include "engine/schemes/adapter.h"

#include "core/files/adapter_folder.h"
#include "core/model/adapter.h"

#include <filesystem>

namespace driftlens {
namespace {

std::filesystem::path folderOf(const ParameterSet& settings) {
    return std::filesystem::path(settings.text("path")).lexically_normal();
}

}  // namespace

std::shared_ptr<const Model> addAdapter(const Model& model, const ParameterSet& settings,
                                        const RunContext& context) {
    context.checkpoint(0.0, "adapter");
    return applyAdapter(model, AdapterFolder::open(folderOf(settings))).model;
}

std::vector<FileDigest> adapterFiles(const ParameterSet& settings) {
    const std::filesystem::path folder = folderOf(settings);
    std::vector<FileDigest> files = AdapterFolder::open(folder).digests();
    const std::filesystem::path last =
        folder.has_filename() ? folder.filename() : folder.parent_path().filename();
    // Beside the model's files, and those of another adapter, they need a name of their own.
    for (FileDigest& file : files) file.name = (last / file.name).string();
    return files;
}

}  // namespace driftlens
