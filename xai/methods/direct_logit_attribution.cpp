// Direct logit attribution (Elhage et al. 2021, "A Mathematical Framework for Transformer
// Circuits"): the logit as a sum over what each head and MLP writes into the residual stream, with
// the final norm's scale held as it is.
#include "core/base/error.h"
#include "core/model/modules.h"
#include "xai/methods/methods.h"
#include "xai/methods/token_vectors.h"

namespace driftlens {
namespace {

struct Written {
    Part part;
    at::Tensor vector;  // [hidden]: what is added to the stream at the read column
};

// A norm with its scale held as it is for one vector: linear, without the bias.
class FrozenNorm {
public:
    FrozenNorm(const Norm& norm, const at::Tensor& at) : m_norm(norm) {
        const at::Tensor wide = at.to(at::kDouble);
        m_centres = norm.kind == NormKind::LayerNorm;
        const at::Tensor centred = m_centres ? wide - wide.mean() : wide;
        m_scale = 1.0 / (centred.square().mean() + norm.epsilon).sqrt();
    }

    at::Tensor operator()(const at::Tensor& rows) const {  // [..., hidden]
        at::Tensor x = rows.to(at::kDouble);
        if (m_centres) x = x - x.mean(-1, /*keepdim=*/true);
        at::Tensor weight = m_norm.weight.to(at::kDouble);
        if (m_norm.addsOne) weight = weight + 1.0;
        return (x * m_scale * weight).to(rows.scalar_type());
    }

private:
    const Norm& m_norm;
    bool m_centres = false;
    at::Tensor m_scale;
};

class Decomposition {
public:
    Decomposition(const MethodInput& in, Scorer& scorer, const RunContext& context)
        : m_in(in),
          m_scorer(scorer),
          m_context(context),
          m_modules(resolveModules(in.model.spec(), in.model.weights())),
          m_column(readColumns(in).front()) {}

    Attribution run() {
        const double logit = capture();
        addEmbeddings();
        for (std::size_t n = 0; n < m_modules.blocks.size(); ++n) addBlock(n);
        Attribution out;
        out.baseline = "none";
        out.baselineValue = 0.0;
        out.targetValue = logit;
        readOut(out);
        double total = 0.0;
        for (const double score : out.scores) total += score;
        out.completenessGap = total - uncapped(logit, out);
        out.evaluations = m_scorer.evaluations();
        return out;
    }

private:
    // Values at the read column of what is needed of one pass.
    double capture() {
        Hooks hooks;
        const auto watch = [&](SiteId site) {
            hooks[site] = [this, site](const at::Tensor& value) {
                m_seen[site] = site.kind == SiteKind::HeadOutput
                                   ? value[0].select(1, m_column)  // [heads, head_dim]
                                   : value[0].select(0, m_column);
                return std::optional<at::Tensor>();
            };
        };
        watch({SiteKind::Embeddings, 0});
        const auto blocks = static_cast<std::int64_t>(m_modules.blocks.size());
        for (std::int64_t n = 0; n < blocks; ++n) {
            watch({SiteKind::HeadOutput, n});
            watch({SiteKind::MlpOut, n});
        }
        watch({SiteKind::ResidOut, blocks - 1});
        return m_scorer.valuesOf(m_scorer.embed(idsOf(m_in.input)), false, hooks).item<double>();
    }

    const at::Tensor& seen(SiteKind kind, std::size_t block) const {
        return m_seen.at({kind, static_cast<std::int64_t>(block)});
    }

    void add(const std::string& name, const at::Tensor& vector, std::int64_t layer = -1,
             std::int64_t head = -1) {
        Part part;
        part.name = name;
        part.layer = layer;
        part.head = head;
        m_written.push_back({std::move(part), vector});
    }

    // The token's own row, and what is added to it before the first block.
    void addEmbeddings() {
        const at::Tensor all = seen(SiteKind::Embeddings, 0);
        if (m_modules.embeddingNorm.exists()) return add("embeddings", all);
        const auto token = static_cast<std::size_t>(
            static_cast<std::int64_t>(m_in.input.tokens.size()) + m_in.target.position);
        at::Tensor own =
            m_scorer.embed(idsOf(m_in.input)).tokens[0][static_cast<std::int64_t>(token)];
        if (m_modules.projectIn != nullptr) own = m_modules.projectIn->forward(own, m_context);
        add("token_embedding", own);
        const bool hasMore = m_modules.positionTable.defined() || m_modules.typeTable.defined();
        if (hasMore) add("position_embedding", all - own);
    }

    void addBlock(std::size_t n) {
        const BlockModules& block = m_modules.blocks[n];
        const std::string prefix = "blocks." + std::to_string(n) + ".";
        const auto layer = static_cast<std::int64_t>(n);
        // Row h has head h's output alone.
        const at::Tensor heads = seen(SiteKind::HeadOutput, n);
        const at::Tensor alone =
            (at::eye(heads.size(0), heads.options()).unsqueeze(-1) * heads.unsqueeze(0)).flatten(1);
        at::Tensor written = block.out->forwardWith({}, alone, m_context);  // [heads, hidden]
        at::Tensor bias = block.out->bias();
        if (bias.defined()) bias = bias.to(written.scalar_type());
        if (block.attentionPostNorm.exists()) {
            at::Tensor sum = written.sum(0);
            if (bias.defined()) sum = sum + bias;
            const FrozenNorm norm(block.attentionPostNorm, sum);
            written = norm(written);
            if (bias.defined()) bias = norm(bias);
            const at::Tensor& own = block.attentionPostNorm.bias;
            if (own.defined()) bias = bias.defined() ? bias + own : own;
        }
        for (std::int64_t h = 0; h < written.size(0); ++h)
            add(prefix + "attn.head." + std::to_string(h), written[h], layer, h);
        if (bias.defined()) add(prefix + "attn.bias", bias, layer);
        add(prefix + "mlp.out", seen(SiteKind::MlpOut, n), layer);
    }

    void readOut(Attribution& out) const {
        std::vector<at::Tensor> vectors;
        for (const Written& written : m_written) vectors.push_back(written.vector);
        at::Tensor rows = at::stack(vectors);
        std::vector<double> scores;
        if (m_modules.finalNorm.exists()) {
            const auto last = m_modules.blocks.size() - 1;
            rows = FrozenNorm(m_modules.finalNorm, seen(SiteKind::ResidOut, last))(rows);
            const at::Tensor& bias = m_modules.finalNorm.bias;
            if (bias.defined()) rows = at::cat({rows, bias.to(rows.scalar_type()).unsqueeze(0)});
        }
        if (m_modules.projectOut != nullptr)
            rows = m_modules.projectOut->forwardWith({}, rows, m_context);
        const at::Tensor logits = m_modules.head->forwardWith({}, rows, m_context).to(at::kDouble);
        const at::Tensor values = ofTarget(logits).contiguous();
        for (const Written& written : m_written) out.parts.push_back(written.part);
        if (rows.size(0) > static_cast<std::int64_t>(m_written.size())) {
            out.parts.emplace_back();
            out.parts.back().name = "final_norm.bias";
        }
        out.scores.assign(values.const_data_ptr<double>(),
                          values.const_data_ptr<double>() + values.numel());
        if (m_modules.head->bias().defined()) {
            out.parts.emplace_back();
            out.parts.back().name = "head.bias";
            out.scores.push_back(
                ofTarget(m_modules.head->bias().to(at::kDouble).unsqueeze(0)).item<double>());
        }
    }

    at::Tensor ofTarget(const at::Tensor& logits) const {  // [rows, vocabulary] → [rows]
        const at::Tensor own = logits.select(1, m_in.target.id);
        return m_in.target.kind == TargetKind::Contrast
                   ? own - logits.select(1, m_in.target.contrastId)
                   : own;
    }

    // Gemma 2 caps logits: the sum is the logit before the cap.
    double uncapped(double logit, Attribution& out) const {
        const double cap = m_in.model.spec().logitSoftcap;
        if (cap == 0.0) return logit;
        if (m_in.target.kind == TargetKind::Contrast) {
            throw Error(ErrorKind::Unsupported,
                        "direct_logit_attribution: a contrast of capped logits is no sum over "
                        "parts; explain one token");
        }
        out.warnings.push_back(
            "the model caps its logits: the parts add up to the logit before "
            "the cap");
        return cap * std::atanh(logit / cap);
    }

    const MethodInput& m_in;
    Scorer& m_scorer;
    const RunContext& m_context;
    Modules m_modules;
    std::int64_t m_column;
    std::map<SiteId, at::Tensor> m_seen;
    std::vector<Written> m_written;
};

}  // namespace

const std::span<const ParameterInfo> kDirectLogitAttributionParameters = {};

std::string whyNoDirectLogitAttribution(const Model& model) {
    const ModelSpec& spec = model.spec();
    if (spec.normPlace == NormPlace::Post)
        return "blocks norm the residual stream itself (post-norm), so that it is no sum of parts";
    if (spec.pooler != PoolerKind::None || spec.hasHeadTransform)
        return "a non-linear layer lies between the residual stream and the logits";
    if (spec.task == Task::Encoder) return "the model has no head";
    return "";
}

Attribution explainByDirectLogitAttribution(const MethodInput& in, const ParameterSet&,
                                            const RunContext& context) {
    if (in.target.kind == TargetKind::Continuation || in.target.kind == TargetKind::Margin) {
        throw Error(ErrorKind::Usage,
                    "direct_logit_attribution explains an answer or a contrast, not a " +
                        std::string(targetKindName(in.target.kind)));
    }
    Scorer scorer = scorerOf(in, context);
    return Decomposition(in, scorer, context).run();
}

}  // namespace driftlens
