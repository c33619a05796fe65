// inspect, tokenize, capture, compress.
#include "app/commands.h"
#include "core/base/text.h"
#include "core/tokenizer/tokenizer.h"
#include "engine/capture/capture.h"
#include "engine/schemes/scheme.h"
#include "engine/variants/inspect.h"
#include "engine/variants/model_source.h"

#include <iomanip>
#include <iostream>
#include <sstream>

namespace driftlens {
namespace {

std::string shapeText(const std::vector<std::int64_t>& shape) {
    std::string out = "[";
    for (const std::int64_t size : shape)
        out += (out.size() > 1 ? ", " : "") + std::to_string(size);
    return out + "]";
}

std::string inspectionText(const Inspection& i) {
    std::ostringstream out;
    out << i.model.name() << "\n  family          " << i.model.family << " (" << i.task
        << ")\n  parameters      " << i.model.parameters << "\n  blocks          " << i.layers
        << ", hidden " << i.hiddenSize << ", context " << i.maxPositions << "\n  stored as       "
        << i.model.storedForm << ", " << formatNumber(i.bitsPerWeight, 4)
        << " bits per weight\n  memory to load  "
        << formatBytes(static_cast<unsigned long long>(i.model.storedBytes))
        << "\n  tokenizer       " << i.tokenizer << "\n  digest          " << i.model.digest
        << "\n\n";
    for (const InspectedTensor& t : i.tensors) {
        out << "  " << std::left << std::setw(34) << t.canonical << std::setw(18) << t.form
            << std::setw(16) << shapeText(t.shape) << t.checkpointName << "\n";
    }
    for (const std::string& name : i.unusedTensors) out << "  not used: " << name << "\n";
    for (const auto& [name, text] : i.chatTemplates)
        out << "\nchat template " << name << " (shown, never run):\n" << text << "\n";
    for (const std::string& warning : i.warnings) out << "warning: " << warning << "\n";
    return out.str();
}

Json inspectionJson(const Inspection& i) {
    Json tensors = Json::array();
    for (const InspectedTensor& t : i.tensors) {
        tensors.push_back({{"name", t.canonical},
                           {"checkpoint_name", t.checkpointName},
                           {"form", t.form},
                           {"shape", t.shape},
                           {"bytes", t.bytes}});
    }
    Json files = Json::array();
    for (const FileDigest& f : i.model.files) {
        files.push_back({{"name", f.name}, {"size", f.size}, {"sha256", toHex(f.digest)}});
    }
    return {{"schema", "driftlens/inspect/1"},
            {"path", i.model.path},
            {"family", i.model.family},
            {"task", i.task},
            {"scheme", i.model.scheme},
            {"parameters", i.model.parameters},
            {"stored_bytes", i.model.storedBytes},
            {"bits_per_weight", i.bitsPerWeight},
            {"stored_form", i.model.storedForm},
            {"layers", i.layers},
            {"hidden_size", i.hiddenSize},
            {"vocabulary_size", i.vocabularySize},
            {"max_positions", i.maxPositions},
            {"tokenizer", i.tokenizer},
            {"class_labels", i.classLabels},
            {"digest", i.model.digest},
            {"files", files},
            {"tensors", tensors},
            {"unused_tensors", i.unusedTensors},
            {"chat_templates", i.chatTemplates},
            {"warnings", i.warnings}};
}

}  // namespace

int runInspect(const Arguments& arguments) {
    VerbOptions options("inspect MODEL", "Shows what a checkpoint holds.",
                        "driftlens inspect models/base --json");
    options.positional("model", -1);
    addOutputOptions(options);
    if (!options.parse(arguments)) return kExitFine;
    const Inspection found =
        inspectVariant(VariantSpec::parse(onlyModel(options)), terminalContext(options));
    emit(options,
         options.flag("json") ? inspectionJson(found).dump(1) + "\n" : inspectionText(found));
    return kExitFine;
}

int runTokenize(const Arguments& arguments) {
    VerbOptions options("tokenize MODEL --prompt TEXT",
                        "Ids, pieces and byte ranges of a text; decodes ids.",
                        "driftlens tokenize models/base --prompt \"The film\" --json");
    options.positional("model", -1);
    addPromptOptions(options);
    addPairOption(options);
    addOutputOptions(options);
    if (!options.parse(arguments)) return kExitFine;
    if (options.has("pair") && !options.has("prompt"))
        throw Error(ErrorKind::Usage, "--pair needs --prompt");
    if (options.has("prompt") == options.has("ids"))
        throw Error(ErrorKind::Usage, "give either --prompt or --ids");
    const auto tokenizer = openTokenizer(VariantSpec::parse(onlyModel(options)).path);
    TokenizedInput input;
    if (options.has("prompt")) {
        input = options.has("pair")
                    ? tokenizer->encodePair(options.text("prompt"), options.text("pair"))
                    : tokenizer->encode(options.text("prompt"));
    } else {
        input = tokenizer->fromIds(parseIds(options.text("ids")));
    }
    const std::string decoded = tokenizer->decode(input.ids());
    if (options.flag("json")) {
        Json tokens = Json::array();
        for (const Token& t : input.tokens) {
            tokens.push_back({{"id", t.id},
                              {"text", t.text},
                              {"start", t.bytes ? Json(t.bytes->begin) : Json(nullptr)},
                              {"end", t.bytes ? Json(t.bytes->end) : Json(nullptr)},
                              {"type", t.typeId},
                              {"text_number", t.sequence},
                              {"special", t.isInserted}});
        }
        emit(options, Json({{"schema", "driftlens/tokenize/1"},
                            {"ids", input.ids()},
                            {"tokens", tokens},
                            {"decoded", decoded}})
                              .dump(1) +
                          "\n");
        return kExitFine;
    }
    std::ostringstream out;
    for (const Token& t : input.tokens) {
        out << std::setw(8) << t.id << "  " << inQuotes(t.text);
        if (t.bytes) out << "  bytes " << t.bytes->begin << " to " << t.bytes->end;
        out << "\n";
    }
    out << "decoded: " << decoded << "\n";
    emit(options, out.str());
    return kExitFine;
}

int runCapture(const Arguments& arguments) {
    VerbOptions options("capture MODEL --prompt TEXT --sites LIST --out FILE",
                        "Writes chosen sites of one forward pass to a safetensors file.",
                        "driftlens capture models/base --prompt \"The film\" --sites "
                        "logits,attentions --out a.safetensors");
    options.positional("model", -1);
    addPromptOptions(options);
    addPairOption(options);
    addTargetOptions(options, "logit");
    options.add("Sites").add_options()(
        "sites", po::value<std::string>(),
        "logits, hidden_states, attentions, router_logits, grad_embeddings")(
        "site", po::value<std::vector<std::string>>()->composing(),
        "any site: blocks.3.attn.head_output");
    addComputeOptions(options);
    addOutputOptions(options);
    if (!options.parse(arguments)) return kExitFine;
    CaptureRequest request;
    request.prompt = readPromptRequest(options);
    if (options.has("pair")) {
        if (request.prompt.ids) throw Error(ErrorKind::Usage, "--pair needs --prompt");
        request.prompt.pair = options.text("pair");
    }
    if (options.has("sites")) {
        for (const std::string& site : splitText(options.text("sites"), ','))
            request.sites.emplace_back(trimmed(site));
    }
    for (const std::string& site : options.list("site")) request.sites.push_back(site);
    if (request.sites.empty() || !options.has("out"))
        throw Error(ErrorKind::Usage, "capture needs --sites (or --site) and --out");
    request.out = options.text("out");
    const CaptureResult result =
        captureToFile(VariantSpec::parse(onlyModel(options)), request, terminalContext(options));
    Json tensors = Json::array();
    for (const CapturedTensor& t : result.tensors)
        tensors.push_back({{"name", t.name}, {"shape", t.shape}});
    if (options.flag("json")) {
        std::cout << Json({{"schema", "driftlens/capture/1"},
                           {"out", request.out.string()},
                           {"ids", result.input.ids()},
                           {"digest", result.model.digest},
                           {"tensors", tensors}})
                         .dump(1)
                  << "\n";
    } else {
        for (const CapturedTensor& t : result.tensors)
            std::cout << t.name << " " << shapeText(t.shape) << "\n";
        std::cout << "written to " << request.out.string() << "\n";
    }
    return kExitFine;
}

int runCompress(const Arguments& arguments) {
    std::string known;
    for (const SchemeEntry& scheme : schemes())
        known += (known.empty() ? "" : ", ") + std::string(scheme.id);
    VerbOptions options(
        "compress MODEL --scheme SCHEME --out FOLDER",
        "Writes a compressed variant as a model folder with its recipe. Schemes: " + known,
        "driftlens compress models/base --scheme int4:group=32 --out models/base-int4");
    options.positional("model", -1);
    options.add("Scheme").add_options()("scheme", po::value<std::string>(),
                                        "ID[:key=value,…][+ID…]");
    addOutputOptions(options);
    if (!options.parse(arguments)) return kExitFine;
    if (!options.has("out")) throw Error(ErrorKind::Usage, "compress needs --out FOLDER");
    const std::string model = onlyModel(options);
    const std::string name = options.has("scheme") ? model + "@" + options.text("scheme") : model;
    const auto folder =
        saveVariant(VariantSpec::parse(name), options.text("out"), terminalContext(options));
    if (options.flag("json")) {
        std::cout << Json({{"schema", "driftlens/compress/1"}, {"out", folder.string()}}).dump(1)
                  << "\n";
    } else {
        std::cout << "written to " << folder.string() << "\n";
    }
    return kExitFine;
}

}  // namespace driftlens
