#include "engine/bench/bench.h"

#include "core/base/error.h"
#include "core/model/model.h"
#include "core/tensor.h"
#include "engine/bench/timing.h"
#include "engine/compare/prepare.h"
#include "engine/compare/threads.h"
#include "engine/variants/model_source.h"
#include "xai/methods/method.h"

#include <algorithm>
#include <fstream>

namespace driftlens {
namespace {

// A line of the kernel's account of this process, in bytes.
std::int64_t memoryOf(const std::string& line) {
    std::ifstream status("/proc/self/status");
    std::string word;
    while (status >> word) {
        if (word != line) continue;
        std::int64_t kilobytes = 0;
        status >> kilobytes;
        return kilobytes * 1024;
    }
    throw Error(ErrorKind::Io, "/proc/self/status has no line " + line);
}

std::int64_t residentBytes() {
    return memoryOf("VmRSS:");
}

// What one matrix product of a size that fills the caches reaches.
double measureMatrixFlops() {
    constexpr std::int64_t kSize = 1536;
    const at::Tensor a = at::ones({kSize, kSize}, at::kFloat);
    const double seconds = medianSeconds(5, [&] { at::matmul(a, a); });
    return 2.0 * static_cast<double>(kSize * kSize * kSize) / seconds;
}

// Floating-point operations of the blocks' Linears for one row of that many tokens.
double linearFlops(const Model& model, std::int64_t tokens) {
    double weights = 0.0;
    for (const std::string& name : model.blockLinearNames()) {
        const LinearInfo info = model.weights().linears.at(name)->info();
        weights += static_cast<double>(info.inFeatures) * static_cast<double>(info.outFeatures);
    }
    return 2.0 * weights * static_cast<double>(tokens);
}

TokenizedInput inputOf(const LoadedVariant& variant, const BenchRequest& request) {
    TokenizedInput out;
    for (const std::int64_t id : benchIds(variant, request))
        out.tokens.push_back({id, "", std::nullopt, false, 0});
    return out;
}

LoadCost loadCost(VariantLoader& loader, const BenchRequest& request, LoadedVariant& variant,
                  const RunContext& context) {
    LoadCost out;
    const std::int64_t before = residentBytes();
    out.seconds =
        secondsOf([&] { variant = loader.load(request.model, request.compute, false, context); });
    out.growthBytes = residentBytes() - before;
    ForwardInput input;
    input.ids = at::tensor(benchIds(variant, request), at::kLong).unsqueeze(0);
    ForwardRequest forward;
    forward.logitPositions = at::full({1, 1}, input.ids.size(1) - 1, at::kLong);
    out.forwardSeconds = secondsOf([&] { variant.model->forward(input, forward, {}, context); });
    out.forwardGrowthBytes = residentBytes() - before;
    if (std::filesystem::is_regular_file(request.model.path)) {
        out.fileBytes = static_cast<std::int64_t>(std::filesystem::file_size(request.model.path));
        return out;
    }
    for (const auto& entry : std::filesystem::directory_iterator(request.model.path)) {
        if (entry.path().extension() == ".safetensors")
            out.fileBytes += static_cast<std::int64_t>(entry.file_size());
    }
    return out;
}

}  // namespace

std::vector<std::int64_t> benchIds(const LoadedVariant& variant, const BenchRequest& request) {
    if (request.prompt) {
        PromptRequest prompt;
        prompt.prompt = *request.prompt;
        return tokenizeRequest(variant, prompt).ids();
    }
    const std::int64_t tokens = request.tokens;
    const std::int64_t longest = variant.model->textPositions();
    if (tokens < 1 || tokens > longest) {
        throw Error(ErrorKind::Usage, "--tokens " + std::to_string(tokens) +
                                          ": the model takes 1 to " + std::to_string(longest));
    }
    // Ids of the model: its vocabulary may be larger than the tokenizer's.
    std::vector<std::int64_t> out;
    for (std::int64_t i = 0; i < tokens; ++i)
        out.push_back((7 * i + 11) % variant.model->spec().vocabularySize);
    return out;
}

TokenizerCost benchTokenizer(const std::filesystem::path& model, const std::filesystem::path& text,
                             int repeat) {
    TokenizerCost out;
    const std::string bytes = readFileText(text);
    out.textBytes = static_cast<std::int64_t>(bytes.size());
    std::shared_ptr<const Tokenizer> tokenizer;
    out.openSeconds = medianSeconds(repeat, [&] { tokenizer = openTokenizer(model); });
    out.encodeSeconds = medianSeconds(repeat, [&] {
        out.tokens = static_cast<std::int64_t>(tokenizer->encode(bytes).tokens.size());
    });
    return out;
}

Json toJson(const TokenizerCost& cost) {
    return {{"schema", "driftlens/bench/1"},
            {"tokenizer",
             {{"open_seconds", cost.openSeconds},
              {"encode_seconds", cost.encodeSeconds},
              {"text_bytes", cost.textBytes},
              {"tokens", cost.tokens}}}};
}

BenchResult runBench(const BenchRequest& request, const RunContext& context) {
    BenchResult out;
    out.threads = applyThreads(request.compute.threads);
    VariantLoader loader;
    LoadedVariant variant;
    out.load = loadCost(loader, request, variant, context);
    out.model = variant.identity;
    out.matrixFlops = measureMatrixFlops();
    const TokenizedInput input = inputOf(variant, request);
    const auto tokens = static_cast<std::int64_t>(input.tokens.size());
    const Target target = resolveTarget(*variant.model, *variant.tokenizer, input, {},
                                        request.compute.compute, context);
    const double flops = linearFlops(*variant.model, tokens);
    for (const MethodRequest& method : request.methods) {
        MethodCost cost;
        cost.method = formatNamedSettings(method.id, method.settings);
        cost.tokens = tokens;
        cost.batch = batchOf(*variant.model, tokens, target, request.compute);
        const MethodInput call{
            *variant.model, *variant.tokenizer,  input, target, request.compute.compute,
            cost.batch,     request.compute.seed};
        const MethodEntry& entry = methodNamed(method.id);
        cost.seconds = medianSeconds(request.repeat, [&] {
            const Attribution found = runMethod(entry, method.settings, call, context);
            cost.evaluations = found.evaluations;
            cost.completenessGap = found.completenessGap;
        });
        const double passes = entry.needsGradients ? 2.0 : 1.0;
        cost.shareOfLimit =
            passes * flops * static_cast<double>(cost.evaluations) / cost.seconds / out.matrixFlops;
        out.methods.push_back(std::move(cost));
    }
    out.peakBytes = memoryOf("VmHWM:");
    return out;
}

Json toJson(const BenchResult& result) {
    Json methods = Json::array();
    for (const MethodCost& cost : result.methods) {
        methods.push_back(
            {{"method", cost.method},
             {"tokens", cost.tokens},
             {"batch", cost.batch},
             {"evaluations", cost.evaluations},
             {"seconds", cost.seconds},
             {"completeness_gap", cost.completenessGap ? Json(*cost.completenessGap) : Json()},
             {"share_of_limit", cost.shareOfLimit}});
    }
    return {{"schema", "driftlens/bench/1"},
            {"model", result.model.name()},
            {"threads", result.threads},
            {"matrix_gflops", result.matrixFlops / 1e9},
            {"peak_bytes", result.peakBytes},
            {"load",
             {{"seconds", result.load.seconds},
              {"first_forward_seconds", result.load.forwardSeconds},
              {"file_bytes", result.load.fileBytes},
              {"growth_bytes", result.load.growthBytes},
              {"forward_growth_bytes", result.load.forwardGrowthBytes}}},
            {"methods", methods}};
}

}  // namespace driftlens
