#include "ui/prompt_job.h"

#include "core/base/error.h"
#include "engine/audit/log.h"
#include "engine/compare/prepare.h"
#include "engine/compare/run_log.h"
#include "ui/models/command_line.h"
#include "ui/models/text_files.h"
#include "xai/methods/method.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <system_error>

namespace driftlens {
namespace {

using namespace Qt::StringLiterals;

constexpr std::size_t kAnswers = 5;

// What the Attention tab draws, whichever method gives the strips.
constexpr std::array<std::string_view, 2> kMapMethods = {"attention", "attention_rollout"};

// One backward pass; where gradients do not exist, a forward pass per token.
constexpr std::array<std::string_view, 2> kFastMethods = {"input_x_gradient", "occlusion"};

}  // namespace

std::unique_ptr<AuditLog> openRunLog(const std::filesystem::path& file) {
    if (file.empty()) return nullptr;
    std::error_code failure;
    if (file.has_parent_path()) std::filesystem::create_directories(file.parent_path(), failure);
    if (failure) {
        throw Error(ErrorKind::Io, "cannot make the folder of the log " + file.string() + ": " +
                                       failure.message() + "; choose another log file");
    }
    return AuditLog::openForWriting(file);
}

namespace {

PromptRequest requestOf(const PromptOrder& order) {
    PromptRequest out;
    out.prompt = order.session.prompt.toStdString();
    out.target.text = order.session.target.toStdString();
    out.target.quantity = parseQuantity(order.session.quantity.toStdString());
    for (const QString& method : order.session.methods)
        out.methods.push_back(MethodRequest::parse(method.toStdString()));
    if (out.methods.empty())
        throw Error(ErrorKind::Usage, "no method is chosen; choose one under Methods");
    for (const std::string_view id : kMapMethods) {
        const bool isThere = std::any_of(out.methods.begin(), out.methods.end(),
                                         [&](const MethodRequest& each) { return each.id == id; });
        if (!isThere) out.methods.push_back(MethodRequest::parse(id));
    }
    out.concepts = conceptsOf(order.session, order.session.methods);
    if (order.isRun) out.metrics = metricsOf(order.session);
    out.compute.threads = order.preferences.threads;
    out.compute.memoryBytes = static_cast<std::uint64_t>(order.preferences.memoryMib) << 20;
    out.answers = kAnswers;
    return out;
}

// The variants that can stand beside the reference; the others become problems.
std::vector<VariantSpec> comparableVariants(const PromptOrder& order, const VariantSpec& reference,
                                            const PromptRequest& request, VariantLoader& loader,
                                            const RunContext& context, PromptOutcome& out) {
    std::vector<VariantSpec> specs;
    const LoadedVariant base = loader.load(reference, request.compute, true, context);
    for (int row = 0; row < static_cast<int>(order.session.models.size()); ++row) {
        const auto& excluded = order.excluded;
        const bool isExcluded = std::find(excluded.begin(), excluded.end(), row) != excluded.end();
        if (row == order.session.reference || isExcluded) continue;
        const QString text = order.session.models[static_cast<std::size_t>(row)].text();
        try {
            VariantSpec spec = VariantSpec::parse(text.toStdString());
            checkComparable(base, loader.load(spec, request.compute, true, context));
            specs.push_back(std::move(spec));
        } catch (const Error& error) {
            if (error.kind() == ErrorKind::Cancelled) throw;
            out.problems.emplace_back(text, QString::fromUtf8(error.what()));
        }
    }
    return specs;
}

// As the command line takes them; with those that the Attention tab draws.
std::vector<std::string> methodTexts(const PromptOrder& order) {
    std::vector<std::string> out;
    for (const QString& method : order.session.methods) out.push_back(method.toStdString());
    for (const std::string_view id : kMapMethods) {
        const bool isThere = std::any_of(out.begin(), out.end(), [&](const std::string& each) {
            return each == id || each.starts_with(std::string(id) + ":");
        });
        if (!isThere) out.emplace_back(id);
    }
    return out;
}

PromptOutcome compute(const PromptOrder& order, const PromptRequest& request, VariantLoader& loader,
                      const RunContext& context) {
    PromptOutcome out;
    const auto row = static_cast<std::size_t>(order.session.reference);
    const VariantSpec reference =
        VariantSpec::parse(order.session.models.at(row).text().toStdString());
    const std::vector<VariantSpec> variants =
        comparableVariants(order, reference, request, loader, context, out);
    const std::unique_ptr<AuditLog> log =
        order.isRun ? openRunLog(order.session.log.toStdString()) : nullptr;
    out.result = std::make_shared<Result>();
    out.result->isPreview = !order.isRun;
    out.result->comparison =
        variants.empty()
            ? asComparison(explainPrompt(reference, request, log.get(), loader, context))
            : comparePrompt(reference, variants, request, log.get(), loader, context);
    out.result->headDrifts = headDriftsOf(out.result->comparison);
    out.result->origin = {log == nullptr ? "" : order.session.log.toStdString(),
                          promptCommand(reference, variants, order.session, methodTexts(order)),
                          environmentJson()};
    return out;
}

}  // namespace

PromptOutcome computePrompt(const PromptOrder& order, VariantLoader& loader,
                            const RunContext& context) {
    return compute(order, requestOf(order), loader, context);
}

PromptOutcome computeFirstLook(const PromptOrder& order, VariantLoader& loader,
                               const RunContext& context) {
    PromptRequest request = requestOf(order);
    request.concepts = {};  // the methods of a first look take none
    for (const std::string_view id : kFastMethods) {
        request.methods.front() = MethodRequest::parse(id);
        request.methods.resize(1, request.methods.front());
        for (const std::string_view maps : kMapMethods)
            request.methods.push_back(MethodRequest::parse(maps));
        try {
            return compute(order, request, loader, context);
        } catch (const Error& error) {
            const bool isLast = id == kFastMethods.back();
            if (error.kind() != ErrorKind::Unsupported || isLast) throw;
        }
    }
    throw Error(ErrorKind::Internal, "no method for a first look");
}

}  // namespace driftlens
