#include "engine/capture/capture.h"

#include "core/base/error.h"
#include "core/capture/gradient.h"
#include "core/files/safetensors.h"
#include "core/model/loader.h"
#include "core/model/model.h"
#include "engine/compare/prepare.h"
#include "engine/compare/threads.h"
#include "xai/targets/scorer.h"

#include <algorithm>

namespace driftlens {
namespace {

// Collects named tensors and keeps their bytes until they are written.
class TensorFile {
public:
    void add(std::string name, const at::Tensor& value) {
        const bool keeps = value.scalar_type() == at::kDouble || value.scalar_type() == at::kLong;
        m_tensors.emplace_back(
            std::move(name),
            value.detach().to(keeps ? value.scalar_type() : at::kFloat).contiguous());
    }

    void write(const std::filesystem::path& file,
               const std::map<std::string, std::string>& metadata) const {
        std::vector<TensorToWrite> out;
        for (const auto& [name, tensor] : m_tensors) out.push_back(tensorToWrite(name, tensor));
        writeSafetensors(file, std::move(out), metadata);
    }

    std::vector<CapturedTensor> list() const {
        std::vector<CapturedTensor> out;
        for (const auto& [name, tensor] : m_tensors) out.push_back({name, tensor.sizes().vec()});
        return out;
    }

private:
    std::vector<std::pair<std::string, at::Tensor>> m_tensors;
};

struct Wanted {
    bool logits = false, hiddenStates = false, attentions = false, gradient = false;
    bool routerLogits = false;
    std::vector<SiteId> sites;
};

bool hasExperts(const BlockSpec& block) {
    return block.experts > 0;
}

Wanted parseSites(const std::vector<std::string>& names, const ModelSpec& spec) {
    Wanted out;
    for (const std::string& name : names) {
        if (name == "logits") {
            out.logits = true;
        } else if (name == "hidden_states") {
            out.hiddenStates = true;
        } else if (name == "attentions") {
            out.attentions = true;
        } else if (name == "grad_embeddings") {
            out.gradient = true;
        } else if (name == "router_logits") {
            if (std::none_of(spec.blocks.begin(), spec.blocks.end(), hasExperts))
                throw Error(ErrorKind::Usage, "router_logits: the model has no experts");
            out.routerLogits = true;
        } else {
            out.sites.push_back(parseSite(name, static_cast<std::int64_t>(spec.blocks.size())));
        }
    }
    return out;
}

std::set<SiteId> sitesOf(const Wanted& wanted, const ModelSpec& spec) {
    std::set<SiteId> out(wanted.sites.begin(), wanted.sites.end());
    const auto blocks = static_cast<std::int64_t>(spec.blocks.size());
    for (std::int64_t n = 0; n < blocks; ++n) {
        if (wanted.attentions) out.insert({SiteKind::AttentionProbabilities, n});
        if (wanted.hiddenStates) out.insert({SiteKind::ResidOut, n});
        if (wanted.routerLogits && hasExperts(spec.blocks[static_cast<std::size_t>(n)]))
            out.insert({SiteKind::RouterLogits, n});
    }
    if (wanted.hiddenStates) {
        out.insert({SiteKind::Embeddings, 0});
        if (spec.hasFinalStep()) out.insert({SiteKind::FinalNorm, 0});
    }
    return out;
}

void addGroups(const Wanted& wanted, const ModelSpec& spec, const ForwardCapture& capture,
               TensorFile& file) {
    const auto blocks = static_cast<std::int64_t>(spec.blocks.size());
    if (wanted.logits) file.add("logits", capture.logits);
    if (wanted.hiddenStates)
        file.add("hidden_states.0", capture.sites.at({SiteKind::Embeddings, 0}));
    for (std::int64_t n = 0; n < blocks; ++n) {
        const bool isLast = n + 1 == blocks && spec.hasFinalStep();
        const SiteId out = isLast ? SiteId{SiteKind::FinalNorm, 0} : SiteId{SiteKind::ResidOut, n};
        if (wanted.hiddenStates)
            file.add("hidden_states." + std::to_string(n + 1), capture.sites.at(out));
        if (wanted.attentions) {
            file.add("attentions." + std::to_string(n),
                     capture.sites.at({SiteKind::AttentionProbabilities, n}));
        }
        const SiteId router{SiteKind::RouterLogits, n};
        if (wanted.routerLogits && capture.sites.contains(router)) {
            file.add("router_logits." + std::to_string(n),
                     capture.sites.at(router).flatten(0, 1));  // [batch · tokens, experts]
        }
    }
    for (const SiteId site : wanted.sites) file.add(siteName(site), capture.sites.at(site));
}

}  // namespace

CaptureResult captureToFile(const VariantSpec& model, const CaptureRequest& request,
                            const RunContext& context) {
    applyThreads(request.prompt.compute.threads);
    const LoadedVariant variant =
        VariantLoader().load(model, request.prompt.compute, true, context);
    CaptureResult out;
    out.model = variant.identity;
    out.input = tokenizeRequest(variant, request.prompt);
    const ModelSpec& spec = variant.model->spec();
    const Wanted wanted = parseSites(request.sites, spec);
    const ComputeType compute = request.prompt.compute.compute;

    TensorFile file;
    ForwardInput input;
    input.ids = at::tensor(out.input.ids(), at::kLong).unsqueeze(0);
    file.add("input_ids", input.ids);
    if (spec.tokenTypes > 0) {
        input.tokenTypes = at::tensor(out.input.typeIds(), at::kLong).unsqueeze(0);
        file.add("token_type_ids", input.tokenTypes);
    }
    ForwardRequest forward;
    forward.compute = scalarTypeOf(compute);
    forward.capture = sitesOf(wanted, spec);
    forward.wantLogits = wanted.logits || spec.task != Task::Encoder;
    addGroups(wanted, spec, variant.model->forward(input, forward, {}, context), file);

    std::map<std::string, std::string> metadata = {{"model", out.model.path},
                                                   {"digest", out.model.digest},
                                                   {"scheme", out.model.scheme},
                                                   {"compute", out.model.compute}};
    if (wanted.gradient) {
        const Target target = resolveTarget(*variant.model, *variant.tokenizer, out.input,
                                            request.prompt.target, compute, context);
        Scorer scorer(*variant.model, target, compute, context);
        scorer.setTokenTypes(out.input.typeIds());
        EmbeddedInput x = scorer.embed(input.ids);
        x.tokens = x.tokens.detach().requires_grad_(true);
        file.add("grad_embeddings",
                 gradients(scorer.valuesOf(x, true).sum(), {x.tokens}, context)[0]);
        metadata["target"] = target.text;
    }
    file.write(request.out, metadata);
    out.tensors = file.list();
    return out;
}

}  // namespace driftlens
