// generate.
#include "app/commands.h"
#include "core/base/text.h"
#include "engine/capture/generate.h"

#include <iostream>
#include <sstream>

namespace driftlens {
namespace {

GenerationRequest readGenerationRequest(const VerbOptions& options) {
    GenerationRequest out;
    out.prompts = options.list("prompt");
    for (const std::string& ids : options.list("ids")) out.ids.push_back(parseIds(ids));
    if (out.prompts.empty() && out.ids.empty())
        throw Error(ErrorKind::Usage,
                    "give --prompt TEXT or --ids 5,17,2, each as often as wanted");
    out.newTokens = parseInteger(options.text("tokens"), "--tokens");
    if (out.newTokens < 1) throw Error(ErrorKind::Usage, "--tokens must be positive");
    out.stopAtEnd = !options.flag("no-stop");
    out.sampling.temperature = parseNumber(options.text("temperature"), "--temperature");
    out.sampling.topK = parseInteger(options.text("top-k"), "--top-k");
    out.sampling.topP = parseNumber(options.text("top-p"), "--top-p");
    checkSampling(out.sampling);
    out.compute = readComputeOptions(options);
    return out;
}

Json textJson(const GeneratedText& text) {
    return {{"prompt_ids", text.promptIds},
            {"ids", text.ids},
            {"text", text.text},
            {"stop", text.stop}};
}

// The keys of the only continuation, or of each.
Json generationJson(const std::vector<GeneratedText>& texts) {
    Json out = {{"schema", "driftlens/generate/1"}};
    if (texts.size() == 1) {
        out.update(textJson(texts.front()));
        return out;
    }
    out["continuations"] = Json::array();
    for (const GeneratedText& text : texts) out["continuations"].push_back(textJson(text));
    return out;
}

}  // namespace

int runGenerate(const Arguments& arguments) {
    VerbOptions options(
        "generate MODEL --prompt TEXT",
        "Continues prompts, greedily or by seeded sampling; several prompts are one "
        "batch.",
        "driftlens generate models/base --prompt \"Once upon\" --tokens 40");
    options.positional("model", -1);
    options.add("Input").add_options()("prompt", po::value<std::vector<std::string>>()->composing(),
                                       "a text; repeatable")(
        "ids", po::value<std::vector<std::string>>()->composing(),
        "token ids instead of a text: 5,17,2; repeatable");
    options.add("Continuation")
        .add_options()("tokens", po::value<std::string>()->default_value("20"), "at most")(
            "no-stop", po::bool_switch(), "go on after the end-of-text token")(
            "temperature", po::value<std::string>()->default_value("0"), "0: greedy")(
            "top-k", po::value<std::string>()->default_value("0"),
            "draw among the K most probable; 0: all")(
            "top-p", po::value<std::string>()->default_value("1"),
            "draw among the smallest set with that share");
    addComputeOptions(options);
    addOutputOptions(options);
    if (!options.parse(arguments)) return kExitFine;
    const std::vector<GeneratedText> texts =
        generateTexts(VariantSpec::parse(onlyModel(options)), readGenerationRequest(options),
                      terminalContext(options));
    if (options.flag("json")) {
        emit(options, generationJson(texts).dump(1) + "\n");
        return kExitFine;
    }
    std::ostringstream out;
    for (const GeneratedText& text : texts) out << text.text << "\n";
    emit(options, out.str());
    return kExitFine;
}

}  // namespace driftlens
