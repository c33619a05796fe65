// Makes the sample models again from their seeds: make_samples FOLDER [NAME].
#include "core/base/error.h"
#include "core/base/text.h"
#include "core/families/family.h"
#include "core/files/checkpoint.h"
#include "core/model/loader.h"
#include "core/tokenizer/tokenizer.h"
#include "samples/measure.h"

#include <cstdio>
#include <filesystem>
#include <iostream>
#include <numeric>

namespace driftlens {
namespace {

constexpr std::size_t kBatchRows = 64;
constexpr int kStepsPerLine = 200;

// In a checkpoint the body carries the family's prefix, the head does not.
std::string storedName(const std::string& canonical, const FamilyEntry& family,
                       const ModelSpec& spec) {
    const std::string name = family.sourceOf(canonical, spec).names.front();
    return canonical.starts_with("head.") ? name : std::string(family.prefixes.front()) + name;
}

void writeModel(const std::filesystem::path& folder, const Model& model,
                const FamilyEntry& family) {
    std::vector<at::Tensor> kept;
    std::vector<TensorToWrite> tensors;
    for (const ParameterShape& parameter : parametersOf(model.spec())) {
        const std::string module = parameter.name.substr(0, parameter.name.rfind('.'));
        const at::Tensor value =
            parameter.isLinearWeight ? model.weights().linears.at(module)->dense(at::kFloat)
            : parameter.isLinearBias ? model.weights().linears.at(module)->bias()
                                     : model.weights().tensors.at(parameter.name);
        kept.push_back(value.to(at::kHalf).contiguous());
        const auto* bytes = static_cast<const std::byte*>(kept.back().const_data_ptr());
        tensors.push_back({storedName(parameter.name, family, model.spec()),
                           ElementType::F16,
                           parameter.shape,
                           {bytes, static_cast<std::size_t>(kept.back().numel() * 2)}});
    }
    writeSafetensors(folder / "model.safetensors", std::move(tensors), {{"format", "pt"}});
}

void addExample(const Example& example, const ModelSpec& spec, const Tokenizer& tokenizer,
                TrainingBatch& batch) {
    if (spec.task == Task::Classification) {
        batch.ids.push_back(tokenizer.encode(example.text).ids());
        batch.answers.push_back({answerId(example.answer, spec, tokenizer)});
        return;
    }
    std::vector<std::int64_t> ids = tokenizer.encode(example.trainingText).ids();
    batch.answers.emplace_back(ids.begin() + 1, ids.end());
    ids.pop_back();
    batch.positions.resize(ids.size());
    std::iota(batch.positions.begin(), batch.positions.end(), 0);
    batch.ids.push_back(std::move(ids));
}

void make(const Sample& sample, const std::filesystem::path& root) {
    const std::filesystem::path folder = root / sample.name();
    std::filesystem::create_directories(folder);
    const Json config = sample.config();
    writeFileAtomically(folder / "config.json", config.dump(1) + "\n");
    writeFileAtomically(folder / "tokenizer.json", sample.tokenizer().dump(1) + "\n");
    writeFileAtomically(folder / "tokenizer_config.json", sample.tokenizerConfig().dump(1) + "\n");
    const auto tokenizer = Tokenizer::load(folder);
    const JsonObject object(config, "config.json");
    const FamilyEntry& family = familyOf(object);
    const ModelSpec spec = family.readConfig(object);

    const auto nextBatch = [&](std::int64_t step) {
        RandomStream random(sample.plan().seed, "train", static_cast<std::uint64_t>(step));
        const int shape = static_cast<int>(step % sample.shapes());
        TrainingBatch batch;
        for (std::size_t i = 0; i < kBatchRows; ++i) {
            addExample(sample.draw(shape, false, random), spec, *tokenizer, batch);
        }
        return batch;
    };
    const RunContext progress({}, [step = 0](double, std::string_view stage) mutable {
        if (step++ % kStepsPerLine == 0) std::cerr << step << " " << stage << "\n";
    });
    writeModel(folder, *trainFromScratch(spec, sample.plan(), nextBatch, progress), family);

    const Json metrics =
        measureSample(sample, *loadModel(Checkpoint::open(folder)).model, *tokenizer);
    writeFileAtomically(folder / "metrics.json", metrics.dump(1) + "\n");
    writeFileAtomically(
        folder / "README.md",
        "# " + sample.name() + "\n\n" + sample.about() +
            "\n\nMade by `make_samples` from its seed. Held-out pairs were never seen "
            "together in training; figures are in `metrics.json` (of the stored F16 "
            "weights); the sparsities were looked at on the same sentences. The bytes are the same "
            "again with "
            "OMP_NUM_THREADS=1. Held-out sentences share their shapes with the "
            "training.\n");
    std::cout << sample.name() << "\n" << metrics.dump(1) << std::endl;
}

}  // namespace
}  // namespace driftlens

int main(int argc, char** argv) {
    using namespace driftlens;
    if (argc < 2) {
        std::cerr << "usage: make_samples FOLDER [NAME]\n";
        return exitCode(ErrorKind::Usage);
    }
    try {
        for (const Sample* sample : samples()) {
            if (argc < 3 || sample->name() == argv[2]) make(*sample, argv[1]);
        }
    } catch (const std::exception& error) {
        std::cerr << "make_samples: " << error.what() << "\n";
        return exitCode(ErrorKind::Internal);
    }
    return kExitFine;
}
