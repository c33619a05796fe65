#include "engine/compare/run_log.h"

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/base/version.h"
#include "engine/compare/build_id.h"

#include <ATen/Parallel.h>
#include <ATen/Version.h>
#include <c10/util/Exception.h>
#include <torch/headeronly/version.h>

#include <charconv>
#include <filesystem>
#include <fstream>
#include <system_error>
#include <thread>

namespace driftlens {
namespace {

Json idsJson(const std::vector<std::int64_t>& ids) {
    return Json(ids);
}

// A setting that gives a text or its ids: erasable, as the prompt is.
bool quotesText(const std::string& value) {
    return value.starts_with("text:") || value.starts_with("ids:");
}

std::vector<Payload> payloadsOf(const PromptRequest& request) {
    std::vector<Payload> out;
    if (request.ids) {
        out.push_back({"token_ids", idsJson(*request.ids).dump()});
    } else {
        out.push_back({"prompt", request.prompt});
    }
    // A target can quote the text, so it is erasable like the prompt.
    out.push_back({"target", request.target.text});
    Json texts = Json::object();
    for (std::size_t i = 0; i < request.methods.size(); ++i) {
        for (const auto& [name, value] : request.methods[i].settings)
            if (quotesText(value)) texts[methodTextKey(i, request.methods[i].id, name)] = value;
    }
    if (!texts.empty()) out.push_back({"method_texts", canonicalJson(texts)});
    if (request.metrics && !request.metrics->rationale.empty()) {
        Json spans = Json::array();
        for (const ByteRange& span : request.metrics->rationale)
            spans.push_back({{"start", span.begin}, {"end", span.end}});
        out.push_back({"rationale", canonicalJson(spans)});
    }
    return out;
}

// The folder that relative paths of a run start from; null where its name is no text.
Json workingFolder() {
    std::error_code failure;
    const std::string folder = std::filesystem::current_path(failure).string();
    return failure || !isValidUtf8(folder) ? Json(nullptr) : Json(folder);
}

// What LibTorch chose its kernels by.
std::string processorName() {
    std::ifstream lines("/proc/cpuinfo");
    for (std::string line; std::getline(lines, line);) {
        if (!line.starts_with("model name")) continue;
        return std::string(trimmed(std::string_view(line).substr(line.find(':') + 1)));
    }
    return "unknown";
}

void rethrowTranslated(AuditLog* log, const std::string& runId) {
    std::string message;
    ErrorKind kind = ErrorKind::Internal;
    try {
        throw;
    } catch (const Error& error) {
        kind = error.kind();
        message = error.what();
    } catch (const c10::Error& error) {
        message = std::string("LibTorch: ") + error.what_without_backtrace();
    } catch (const std::bad_alloc&) {
        kind = ErrorKind::Io;
        message = "out of memory; use a smaller --batch or --memory";
    } catch (const std::exception& error) {
        message = error.what();
    }
    if (log != nullptr && kind == ErrorKind::Cancelled) {
        log->cancelRun(runId);
    } else if (log != nullptr) {
        log->failRun(runId, errorKindName(kind), message);
    }
    throw Error(kind, message);
}

}  // namespace

void runLogged(AuditLog* log, std::string_view verb, const Json& settings,
               const PromptRequest& request,
               const std::function<void(const std::string& runId)>& work) {
    std::string runId;
    if (log != nullptr) {
        Json body = settings;
        body["environment"] = environmentJson();
        body["folder"] = workingFolder();
        runId = log->startRun(verb, body, payloadsOf(request));
    }
    try {
        work(runId);
    } catch (...) {
        rethrowTranslated(log, runId);
    }
    if (log != nullptr) log->finishRun(runId, Json::object());
}

std::string methodTextKey(std::size_t index, const std::string& method,
                          const std::string& setting) {
    return std::to_string(index) + "." + method + "." + setting;
}

Settings withoutTexts(Settings settings) {
    for (auto& [name, value] : settings)
        if (quotesText(value)) value = value.substr(0, value.find(':')) + ":(in the payload)";
    return settings;
}

Json requestJson(const PromptRequest& request) {
    Json methods = Json::array();
    for (const MethodRequest& method : request.methods) {
        methods.push_back({{"id", method.id}, {"settings", withoutTexts(method.settings)}});
    }
    const ComputeOptions& compute = request.compute;
    return {{"methods", methods},
            {"concepts", request.concepts.isAsked() ? conceptsJson(request.concepts) : Json()},
            {"quantity", quantityName(request.target.quantity)},
            {"position", request.target.position ? Json(*request.target.position) : Json()},
            {"group", request.grouping.text()},
            {"metrics", request.metrics ? Json{{"unit", request.metrics->unit},
                                               {"replace", request.metrics->replace},
                                               {"with_reruns", request.metrics->withReruns}}
                                        : Json()},
            {"leaves_out_impossible", request.leavesOutImpossible},
            {"insides", request.comparesInsides},
            {"timeline", request.isTimeline},
            {"compute",
             {{"type", computeTypeName(compute.compute)},
              {"device", compute.device},
              {"threads", at::get_num_threads()},
              {"batch", compute.batch},
              {"memory_bytes", std::to_string(compute.memoryBytes)},
              {"planned_memory_bytes", std::to_string(compute.plannedMemoryBytes)},
              {"seed", std::to_string(compute.seed)}}}};
}

std::uint64_t readUnsigned(std::string_view text, std::string_view what) {
    std::uint64_t out = 0;
    const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), out);
    if (status != std::errc() || end != text.data() + text.size())
        throw Error(ErrorKind::InputFile, std::string(what) + " is no number");
    return out;
}

Json environmentJson() {
    return {{"program", "driftlens"},
            {"version", kVersion},
            {"build", buildId()},
            {"compiler", __VERSION__},
            {"libtorch", TORCH_VERSION},
            {"instruction_set", at::get_cpu_capability()},
            {"processor", processorName()},
            {"threads", at::get_num_threads()},
            {"cores", static_cast<int>(std::thread::hardware_concurrency())}};
}

}  // namespace driftlens
