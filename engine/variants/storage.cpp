#include "engine/variants/storage.h"

#include "core/linears/element_name.h"
#include "core/model/model.h"

#include <map>
#include <set>
#include <string_view>

namespace driftlens {
namespace {

// Embeddings, the blocks by number, then the rest.
constexpr std::int64_t kEmbeddings = -1;
constexpr std::int64_t kRest = std::int64_t{1} << 60;

std::int64_t placeOf(std::string_view name) {
    constexpr std::string_view kBlocks = "blocks.";
    if (name.starts_with("embeddings.")) return kEmbeddings;
    if (!name.starts_with(kBlocks)) return kRest;
    return std::stoll(std::string(name.substr(kBlocks.size())));
}

std::string nameOf(std::int64_t place) {
    if (place == kEmbeddings) return "embeddings";
    return place == kRest ? "rest" : "blocks." + std::to_string(place);
}

std::int64_t bytesOf(const at::Tensor& tensor) {
    return tensor.numel() * tensor.element_size();
}

std::optional<std::int64_t> zerosOf(const Linear& linear) {
    // Of that type dense() is the stored weight itself; packed forms have none.
    const std::optional<at::ScalarType> type = floatingTypeNamed(linear.info().form);
    if (!type) return std::nullopt;
    const at::Tensor weight = linear.dense(*type);
    return weight.numel() - weight.count_nonzero().item<std::int64_t>();
}

std::string typeName(const at::Tensor& tensor) {
    const at::ScalarType type = tensor.scalar_type();
    return std::string(floatingTypeName(type).value_or(c10::toString(type)));
}

struct PartSums {
    StoredPart sums;
    std::set<std::string> forms, tensorForms;
    bool isCounted = true;  // all zeros so far
    std::int64_t zeros = 0;

    void add(const at::Tensor& tensor) {
        if (!tensor.defined()) return;
        tensorForms.insert(typeName(tensor));
        sums.weights += tensor.numel();
        sums.bytes += bytesOf(tensor);
    }

    void add(const Linear& linear) {
        const LinearInfo info = linear.info();
        forms.insert(info.form);
        sums.weights += info.outFeatures * info.inFeatures;
        sums.matrixWeights += info.outFeatures * info.inFeatures;
        sums.bytes += info.storedBytes;
        add(linear.bias());
    }

    void countZeros(const Linear& linear) {
        const std::optional<std::int64_t> found = isCounted ? zerosOf(linear) : std::nullopt;
        isCounted = found.has_value();
        zeros += found.value_or(0);
    }

    StoredPart finished(std::int64_t place) && {
        sums.part = nameOf(place);
        for (const std::string& form : forms.empty() ? tensorForms : forms)
            sums.form += (sums.form.empty() ? "" : ", ") + form;
        const bool isBlock = place != kEmbeddings && place != kRest;
        if (isBlock && isCounted && sums.matrixWeights > 0) sums.zeros = zeros;
        return std::move(sums);
    }
};

}  // namespace

std::vector<StoredPart> storageOf(const Model& model, const RunContext& context) {
    std::map<std::int64_t, PartSums> parts;
    for (const auto& [name, linear] : model.weights().linears) {
        context.throwIfStopped();
        const std::int64_t place = placeOf(name);
        PartSums& part = parts[place];
        part.add(*linear);
        if (place != kEmbeddings && place != kRest) part.countZeros(*linear);
    }
    for (const auto& [name, tensor] : model.weights().tensors) parts[placeOf(name)].add(tensor);
    parts[kEmbeddings].add(model.weights().virtualTokens.values);
    std::vector<StoredPart> out;
    for (auto& [place, part] : parts) out.push_back(std::move(part).finished(place));
    return out;
}

}  // namespace driftlens
