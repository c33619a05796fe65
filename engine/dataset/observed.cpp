#include "engine/dataset/observed.h"

#include "core/base/error.h"
#include "core/base/figure_json.h"
#include "core/base/text.h"
#include "core/files/line_reader.h"
#include "core/model/model.h"
#include "engine/compare/fidelity.h"
#include "engine/compare/prepare.h"
#include "engine/dataset/rows.h"
#include "engine/drift/output_fidelity.h"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <memory>
#include <optional>

namespace driftlens {
namespace {

constexpr std::size_t kMaxLineBytes = std::size_t{1} << 20;
constexpr double kMostSum = 1.001;  // of probabilities that were printed with few digits
constexpr std::int64_t kMostId = std::int64_t{1} << 40;

struct ListedAnswer {
    std::int64_t id = 0;
    double log = 0.0;
};

class ObservedReader {
public:
    ObservedReader(const LoadedVariant& variant, const std::filesystem::path& file,
                   const ComputeOptions& compute, const RunContext& context)
        : m_variant(variant), m_compute(compute), m_context(context), m_lines(open(file)) {
        m_out.variant = variant.identity.name();
        m_out.file = file.string();
        m_out.fileDigest = fileSha256(file);
    }

    ObservedAgreement run() {
        while (const std::optional<TextLine> line = m_lines.next()) {
            if (line->text.find_first_not_of(" \t") == std::string::npos) continue;
            m_context.checkpoint(0.0, "line " + std::to_string(line->number) + " of " + m_out.file);
            add(*line);
        }
        if (m_out.prompts + m_out.failed == 0)
            throw Error(ErrorKind::InputFile, m_out.file + " has no line with a prompt");
        m_out.sameAnswer = proportionOf(m_same, m_out.prompts);
        const Figure none = undefinedFigure("no line has probabilities");
        m_out.kl = m_out.withProbabilities > 0
                       ? finiteFigure(m_klSum / static_cast<double>(m_out.withProbabilities))
                       : none;
        m_out.largestKl = m_out.withProbabilities > 0 ? finiteFigure(m_largestKl) : none;
        return std::move(m_out);
    }

private:
    static LineReader open(const std::filesystem::path& file) {
        auto stream = std::make_unique<std::ifstream>(file, std::ios::binary);
        if (!*stream) throw Error(ErrorKind::InputFile, file.string() + ": cannot be read");
        return {std::move(stream), file.string(), kMaxLineBytes};
    }

    void add(const TextLine& line) {
        m_where = m_out.file + ": line " + std::to_string(line.number);
        const Json value = parseJson(line.text, m_where);
        const JsonObject object(value, m_where);
        const PromptRequest request = promptOf(object);
        const std::optional<std::int64_t> deployed = idIn(object, "argmax");
        if (!object.has("argmax")) throw Error(ErrorKind::InputFile, m_where + ": no \"argmax\"");
        const std::vector<ListedAnswer> listed = listedIn(object);
        try {
            if (!deployed) throw Error(ErrorKind::Usage, "argmax is no answer of the model");
            const std::vector<double> logs =
                answerLogProbabilities(*m_variant.model, tokenizeRequest(m_variant, request).ids(),
                                       -1, m_compute.compute, m_context);
            ++m_out.prompts;
            m_same += static_cast<std::int64_t>(topAnswer(logs)) == *deployed ? 1 : 0;
            if (!listed.empty()) addDivergence(listed, logs);
        } catch (const Error& error) {
            if (error.kind() != ErrorKind::Usage && error.kind() != ErrorKind::Numeric) throw;
            if (m_out.failed++ == 0) m_out.warnings.push_back(m_where + ": " + error.what());
        }
    }

    PromptRequest promptOf(const JsonObject& object) const {
        PromptRequest out;
        if (object.has("prompt")) {
            out.prompt = object.string("prompt");
            return out;
        }
        const Json* ids = object.find("ids");
        if (ids == nullptr || !ids->is_array())
            throw Error(ErrorKind::InputFile, m_where + ": neither \"prompt\" nor \"ids\"");
        std::vector<std::int64_t> read;
        for (const Json& id : *ids) {
            if (!id.is_number_integer())
                throw Error(ErrorKind::InputFile, m_where + ": an id is no whole number");
            read.push_back(id.get<std::int64_t>());
        }
        out.ids = std::move(read);
        return out;
    }

    // A number is an id, a text what answerOf() takes it for. Nothing for what the model has not.
    std::optional<std::int64_t> idIn(const JsonObject& object, const char* key) const {
        const Json* value = object.find(key);
        if (value == nullptr) return std::nullopt;
        if (value->is_string()) return answerOf(m_variant, value->get<std::string>());
        const std::int64_t id = object.integer(key, 0, kMostId);
        return id < m_variant.model->spec().outputSize() ? std::optional(id) : std::nullopt;
    }

    std::vector<ListedAnswer> listedIn(const JsonObject& object) const {
        std::vector<ListedAnswer> out;
        const Json* top = object.find("top");
        if (top == nullptr) return out;
        if (!top->is_array()) throw Error(ErrorKind::InputFile, m_where + ": \"top\" is no list");
        double sum = 0.0;
        for (const Json& each : *top) {
            const JsonObject answer(each, m_where + ", top");
            const auto id = idIn(answer, answer.has("id") ? "id" : "token");
            if (!id)
                throw Error(ErrorKind::InputFile,
                            m_where + ": top lists what is no answer of the model");
            if (std::any_of(out.begin(), out.end(),
                            [&](const ListedAnswer& known) { return known.id == *id; }))
                throw Error(ErrorKind::InputFile,
                            m_where + ": top lists answer " + std::to_string(*id) + " twice");
            out.push_back({*id, answer.number("logprob", -1e6, 1e-3)});
            sum += std::exp(out.back().log);
        }
        if (sum > kMostSum)
            throw Error(ErrorKind::InputFile,
                        m_where + ": the probabilities of top add up to " + formatNumber(sum, 4));
        return out;
    }

    void addDivergence(const std::vector<ListedAnswer>& listed, const std::vector<double>& logs) {
        double kl = 0.0, deployedSum = 0.0, ownSum = 0.0;
        for (const ListedAnswer& each : listed) {
            const double own = logs[static_cast<std::size_t>(each.id)];
            const double probability = std::exp(each.log);
            kl += probability * (each.log - own);
            deployedSum += probability;
            ownSum += std::exp(own);
        }
        const double rest = 1.0 - deployedSum, ownRest = 1.0 - ownSum;
        if (rest > 0.0 && ownRest > 0.0) kl += rest * std::log(rest / ownRest);
        kl = std::max(0.0, kl);
        if (!std::isfinite(kl)) throw Error(ErrorKind::Numeric, "the divergence is not finite");
        ++m_out.withProbabilities;
        m_klSum += kl;
        m_largestKl = std::max(m_largestKl, kl);
    }

    const LoadedVariant& m_variant;
    const ComputeOptions& m_compute;
    const RunContext& m_context;
    LineReader m_lines;
    std::string m_where;
    ObservedAgreement m_out;
    std::uint64_t m_same = 0;
    double m_klSum = 0.0, m_largestKl = 0.0;
};

}  // namespace

ObservedAgreement compareObserved(const LoadedVariant& variant, const std::filesystem::path& file,
                                  const ComputeOptions& compute, const RunContext& context) {
    return ObservedReader(variant, file, compute, context).run();
}

Json toJson(const ObservedAgreement& a) {
    const auto& range = a.sameAnswer.interval.value;
    return {{"variant", a.variant},
            {"file", a.file},
            {"digest", a.fileDigest},
            {"prompts", a.prompts},
            {"failed", a.failed},
            {"same_answer",
             {{"value", figureJson(a.sameAnswer.share)},
              {"low", range ? jsonNumber(range->low) : Json()},
              {"high", range ? jsonNumber(range->high) : Json()},
              {"count", a.sameAnswer.count}}},
            {"kl", figureJson(a.kl)},
            {"largest_kl", figureJson(a.largestKl)},
            {"with_probabilities", a.withProbabilities},
            {"warnings", a.warnings}};
}

}  // namespace driftlens
