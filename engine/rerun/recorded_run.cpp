#include "engine/rerun/recorded_run.h"

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/files/mapped_file.h"
#include "engine/audit/record.h"
#include "engine/compare/run_log.h"

#include <algorithm>
#include <limits>
#include <system_error>

namespace driftlens {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kMostInteger = (std::int64_t{1} << 53) - 1;
constexpr std::int64_t kMostThreads = 1024;
constexpr std::int64_t kMostRows = 65536;

bool isThere(const fs::path& path) {
    std::error_code failure;
    return fs::exists(path, failure);
}

Sha256 digestOf(const JsonObject& object) {
    const std::vector<std::uint8_t> bytes = fromHex(object.string("sha256"));
    Sha256 digest{};
    if (bytes.size() != digest.size())
        throw Error(ErrorKind::InputFile, object.what() + ": \"sha256\" is no SHA-256");
    std::copy(bytes.begin(), bytes.end(), digest.begin());
    return digest;
}

// The records of one run, taken apart.
class RunReader {
public:
    RunReader(const AuditLog& log, const std::string& runId) : m_log(log) { m_out.runId = runId; }

    RecordedRun read() {
        const std::vector<AuditRecord> records = m_log.records(m_out.runId);
        requireFinished(records);
        requireKept(records);
        m_where = "record " + std::to_string(records.front().seq);
        const JsonObject start(records.front().body, m_where);
        m_folder = start.string("folder", "");
        m_out.environment = start.has("environment") ? *start.find("environment") : Json::object();
        const bool isOfDataSet = start.has("data");
        for (const AuditRecord& record : records) {
            count(record);
            if (record.body.contains("aggregate")) m_aggregate = record.body.at("aggregate");
            if (record.type != audit::kExampleResult || isOfDataSet) continue;
            const auto example = m_log.payload(record.seq, "example");
            m_out.results.push_back(
                {record.body, example ? parseJson(*example, "payload example") : Json(nullptr)});
        }
        if (isOfDataSet != m_aggregate.is_object() || (isOfDataSet && m_out.verb != "compare"))
            throw Error(ErrorKind::InputFile,
                        "run " + m_out.runId + ": its records contradict each other");
        if (m_out.results.empty() && !isOfDataSet)
            throw Error(ErrorKind::InputFile, "run " + m_out.runId + " holds no result");
        readModels(start);
        readRequest(start);
        if (isOfDataSet) m_out.dataset = datasetRequestOf(start);
        return std::move(m_out);
    }

private:
    void requireFinished(const std::vector<AuditRecord>& records) {
        if (!records.empty()) m_out.verb = records.front().meta.value("verb", "");
        const bool isFinished = std::any_of(
            records.begin(), records.end(),
            [](const AuditRecord& record) { return record.type == audit::kRunFinished; });
        if (isFinished && (m_out.verb == "explain" || m_out.verb == "compare")) return;
        throw Error(ErrorKind::Usage,
                    "run " + inQuotes(m_out.runId) +
                        " is no finished explanation or comparison; audit list names those");
    }

    void requireKept(const std::vector<AuditRecord>& records) const {
        for (const AuditRecord& record : records) {
            if (record.type != audit::kErased) continue;
            throw Error(ErrorKind::Erased,
                        "run " + m_out.runId + ": its prompt and scores were erased by record " +
                            std::to_string(record.seq) + ", so that it cannot be computed again");
        }
    }

    void count(const AuditRecord& record) {
        const audit::RecordFields fields = audit::parseRecord(record.canonical);
        m_out.payloads += static_cast<std::int64_t>(fields.commitments.size());
        m_out.blobs += static_cast<std::int64_t>(fields.blobs.size());
    }

    std::string payload(const std::string& name) const {
        const auto found = m_log.payload(m_out.runId, name);
        if (found) return *found;
        throw Error(ErrorKind::InputFile,
                    "run " + m_out.runId + ": its payload " + inQuotes(name) + " is not there");
    }

    fs::path located(const std::string& path) const {
        const fs::path given(path);
        if (given.is_absolute() || m_folder.empty() || isThere(given)) return given;
        const fs::path there = fs::path(m_folder) / given;
        return isThere(there) ? there : given;
    }

    VariantSpec specOf(const JsonObject& object) const {
        VariantSpec out;
        const std::string scheme = object.string("scheme");
        // The name stands for a path, which may hold an '@' of its own.
        if (scheme != "none") out.steps = VariantSpec::parse("model@" + scheme).steps;
        out.path = located(object.string("path"));
        for (SchemeStep& step : out.steps) {
            const auto path = step.parameters.find("path");
            if (path != step.parameters.end() && !path->second.empty())
                path->second = located(path->second).string();
        }
        return out;
    }

    std::vector<FileDigest> filesOf(const Json& body, std::string_view role) const {
        std::vector<FileDigest> out;
        const JsonObject model = JsonObject(body, m_where).object(role);
        const Json* files = model.find("files");
        if (files == nullptr || !files->is_array() || files->empty()) {
            throw Error(ErrorKind::InputFile,
                        "run " + m_out.runId + ": its record has no files of " + inQuotes(role));
        }
        for (const Json& each : *files) {
            const JsonObject file(each, m_where + ", files");
            out.push_back({file.string("name"),
                           static_cast<std::uint64_t>(file.integer("size", 0, kMostInteger)),
                           digestOf(file)});
        }
        return out;
    }

    void readModels(const JsonObject& start) {
        if (m_out.verb == "explain") {
            const Json& only = m_out.results.front().body;
            m_out.models.push_back({specOf(start.object("model")), filesOf(only, "model")});
            return;
        }
        // Where the files of the reference are named, and of each variant.
        const Json& first = m_aggregate.is_object() ? m_aggregate : m_out.results.front().body;
        std::vector<const Json*> bodies;
        if (m_aggregate.is_object())
            for (const Json& variant : m_aggregate.at("variants")) bodies.push_back(&variant);
        else
            for (const RecordedResult& result : m_out.results) bodies.push_back(&result.body);
        m_out.models.push_back({specOf(start.object("reference")), filesOf(first, "reference")});
        const Json* variants = start.find("variants");
        const std::size_t count = variants == nullptr ? 0 : variants->size();
        if (count != bodies.size()) {
            throw Error(ErrorKind::InputFile, "run " + m_out.runId + ": " + std::to_string(count) +
                                                  " variants were asked, " +
                                                  std::to_string(bodies.size()) + " are recorded");
        }
        for (std::size_t i = 0; i < count; ++i) {
            m_out.models.push_back(
                {specOf(JsonObject((*variants)[i], m_where)), filesOf(*bodies[i], "model")});
        }
    }

    // What was asked of the data set; its prompt is m_out.request.
    DatasetRequest datasetRequestOf(const JsonObject& start) {
        const JsonObject data = start.object("data");
        DatasetRequest out;
        out.rows.file = takeFile(data.string("file"), data.string("digest"));
        const auto column = [&](const char* name) {
            return data.has(name) ? std::optional(data.string(name)) : std::nullopt;
        };
        out.rows.textColumn = column("text");
        out.rows.labelColumn = column("label");
        out.rows.sliceColumn = column("slice");
        out.rows.clusterColumn = column("cluster");
        out.rows.most = static_cast<std::uint64_t>(data.integer("most", 0, kMostInteger));
        out.truncates = data.boolean("truncates", false);
        if (data.has("tokens")) out.comparesTokens = data.boolean("tokens", false);
        for (const Json& each : data.value().value("observed", Json::array())) {
            const JsonObject observed(each, m_where + ", observed");
            out.observed.push_back({observed.string("variant"),
                                    takeFile(observed.string("file"), observed.string("digest"))});
        }
        const JsonObject declared = start.object("declared");
        out.primary = declared.string("primary");
        for (const auto& [metric, margin] : declared.value().at("margins").items())
            out.margins[metric] = readExactNumber(margin.get<std::string>(), m_where);
        for (const Json& gate : declared.value().at("gates"))
            out.gates.push_back(parseGate(gate.get<std::string>()));
        out.allowedFailures =
            static_cast<std::uint64_t>(declared.integer("allowed_failures", 0, kMostInteger));
        out.withYardsticks = declared.string("yardsticks") != "none";
        return out;
    }

    fs::path takeFile(const std::string& path, const std::string& digest) {
        m_out.texts.push_back({located(path), digest});
        return m_out.texts.back().file;
    }

    void readRequest(const JsonObject& start) {
        PromptRequest& request = m_out.request;
        if (const auto prompt = m_log.payload(m_out.runId, "prompt")) {
            request.prompt = *prompt;
        } else {
            request.ids = parseJson(payload("token_ids"), "payload token_ids")
                              .get<std::vector<std::int64_t>>();
        }
        request.target.text = payload("target");
        request.target.quantity = parseQuantity(start.string("quantity"));
        if (start.has("position"))
            request.target.position = start.integer("position", -kMostInteger, kMostInteger);
        request.grouping = Grouping::parse(start.string("group", "token"));
        request.leavesOutImpossible = start.boolean("leaves_out_impossible", false);
        request.comparesInsides = start.boolean("insides", false);
        request.isTimeline = start.boolean("timeline", false);
        if (start.has("metrics")) request.metrics = metricsOf(start.object("metrics"));
        if (start.has("concepts")) readConceptFiles(start.object("concepts"));
        readMethods(start);
        readCompute(start.object("compute"));
    }

    MetricPlan metricsOf(const JsonObject& object) const {
        MetricPlan out;
        out.unit = object.string("unit");
        out.replace = object.string("replace");
        out.withReruns = object.boolean("with_reruns", false);
        const auto rationale = m_log.payload(m_out.runId, "rationale");
        if (!rationale) return out;
        for (const Json& each : parseJson(*rationale, "payload rationale")) {
            const JsonObject span(each, "payload rationale");
            out.rationale.push_back(
                {static_cast<std::size_t>(span.integer("start", 0, kMostInteger)),
                 static_cast<std::size_t>(span.integer("end", 0, kMostInteger))});
        }
        return out;
    }

    ConceptFile conceptFile(const Json& value) {
        const JsonObject object(value, m_where + ", concepts");
        return {object.string("name"), takeFile(object.string("file"), object.string("sha256"))};
    }

    void readConceptFiles(const JsonObject& object) {
        ConceptRequest& out = m_out.request.concepts;
        for (const Json& each : object.value().at("concepts"))
            out.concepts.push_back(conceptFile(each));
        for (const Json& each : object.value().at("random"))
            out.randomSets.push_back(conceptFile(each));
        if (object.has("examples")) out.examples = conceptFile(*object.find("examples")).file;
    }

    void readMethods(const JsonObject& start) {
        Json texts = Json::object();
        if (const auto found = m_log.payload(m_out.runId, "method_texts"))
            texts = parseJson(*found, "payload method_texts");
        for (const Json& each : start.value().at("methods")) {
            const JsonObject object(each, m_where + ", methods");
            MethodRequest method{object.string("id"), object.value().at("settings")};
            const std::size_t index = m_out.request.methods.size();
            for (auto& [name, value] : method.settings) {
                if (!isInPayload(value)) continue;
                const std::string key = methodTextKey(index, method.id, name);
                const std::string earlier = method.id + "." + name;  // of records before
                value = texts.at(texts.contains(key) ? key : earlier).get<std::string>();
            }
            m_out.request.methods.push_back(std::move(method));
        }
    }

    // As withoutTexts leaves them.
    static bool isInPayload(const std::string& value) {
        return value == "text:(in the payload)" || value == "ids:(in the payload)";
    }

    void readCompute(const JsonObject& object) {
        ComputeOptions& out = m_out.request.compute;
        out.compute = parseComputeType(object.string("type"));
        out.device = object.string("device");
        if (out.device != "cpu") {
            throw Error(ErrorKind::Unsupported, "run " + m_out.runId + " was computed on " +
                                                    inQuotes(out.device) + "; supported: cpu");
        }
        out.threads = static_cast<int>(object.integer("threads", 1, kMostThreads));
        out.seed = readUnsigned(object.string("seed"), object.what() + ": \"seed\"");
        // What was planned then, whatever would be planned now.
        if (m_aggregate.is_object()) {
            out.batch = object.integer("batch", 0, kMostRows);
            out.memoryBytes = readUnsigned(object.string("memory_bytes", "0"),
                                           object.what() + ": \"memory_bytes\"");
            out.plannedMemoryBytes = readUnsigned(object.string("planned_memory_bytes", "0"),
                                                  object.what() + ": \"planned_memory_bytes\"");
        } else {
            const JsonObject first(m_out.results.front().body, m_where);
            out.batch = first.integer("batch", 1, kMostRows);
        }
    }

    const AuditLog& m_log;
    std::string m_where;
    std::string m_folder;
    Json m_aggregate;  // of a data set, its record
    RecordedRun m_out;
};

// Where a file of a model lies: in its folder, beside its GGUF file, or in an adapter's folder,
// whose files are named by its last part.
fs::path placeOf(const RecordedModel& model, const std::string& name) {
    for (const SchemeStep& step : model.spec.steps) {
        const auto path = step.parameters.find("path");
        if (path == step.parameters.end()) continue;
        fs::path folder = fs::path(path->second).lexically_normal();
        if (!folder.has_filename()) folder = folder.parent_path();
        const std::string prefix = folder.filename().string() + "/";
        if (name.starts_with(prefix)) return folder / name.substr(prefix.size());
    }
    std::error_code failure;
    const bool isFolder = fs::is_directory(model.spec.path, failure);
    return (isFolder ? model.spec.path : model.spec.path.parent_path()) / name;
}

[[noreturn]] void refuse(const fs::path& file, const std::string& what) {
    throw Error(ErrorKind::InputFile,
                inQuotes(file.string(), 200) + " " + what + "; nothing was computed");
}

void checkFile(const fs::path& file, const std::string& recorded) {
    if (!isThere(file)) refuse(file, "of the recorded run is not there");
    const std::string now = toHex(sha256(MappedFile::open(file)->bytes()));
    if (now != recorded) {
        refuse(file, "is not the file that the run used: SHA-256 " + recorded + " is on record, " +
                         now + " is there");
    }
}

}  // namespace

RecordedRun readRecordedRun(const AuditLog& log, const std::string& runId) {
    try {
        return RunReader(log, runId).read();
    } catch (const Json::exception& error) {
        throw Error(ErrorKind::InputFile,
                    "run " + runId +
                        ": a record of another shape than this program writes: " + error.what());
    }
}

void checkRecordedFiles(const RecordedRun& run) {
    for (const RecordedModel& model : run.models) {
        if (!isThere(model.spec.path)) refuse(model.spec.path, "of the recorded run is not there");
        for (const FileDigest& file : model.files)
            checkFile(placeOf(model, file.name), toHex(file.digest));
    }
    for (const RecordedTextFile& text : run.texts) checkFile(text.file, text.sha256);
}

void checkLoadedFiles(const RecordedModel& recorded, const ModelIdentity& loaded) {
    const bool isSame =
        std::equal(recorded.files.begin(), recorded.files.end(), loaded.files.begin(),
                   loaded.files.end(), [](const FileDigest& a, const FileDigest& b) {
                       return a.name == b.name && a.size == b.size && a.digest == b.digest;
                   });
    if (isSame) return;
    throw Error(
        ErrorKind::InputFile,
        inQuotes(recorded.spec.path.string(), 200) +
            " is not made of the files that the run used: one was added, removed or changed "
            "since; what was computed is not kept");
}

}  // namespace driftlens
