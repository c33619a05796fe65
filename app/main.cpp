#include "app/commands.h"
#include "core/base/text.h"
#include "core/base/version.h"

#include <array>
#include <exception>
#include <iostream>

namespace driftlens {
namespace {

constexpr std::array<Verb, 14> kVerbs = {{
    {"demo", "", "the whole tour on the sample model", &runDemo},
    {"inspect", "MODEL", "family, sizes, tensors, stored forms, digests, warnings", &runInspect},
    {"tokenize", "MODEL", "ids, pieces and byte ranges of a text", &runTokenize},
    {"capture", "MODEL", "chosen sites of one forward pass, to a safetensors file", &runCapture},
    {"generate", "MODEL", "continuations of prompts", &runGenerate},
    {"explain", "MODEL", "why the model answered as it did", &runExplain},
    {"compare", "REF VARIANT…", "what compression did to the answer and its reasons", &runCompare},
    {"evaluate", "MODEL", "accuracy, perplexity, calibration on a data set", &runEvaluate},
    {"compress", "MODEL@SCHEME", "write a compressed variant to disk", &runCompress},
    {"report", "LOG [RUN]", "the report of a logged comparison, in every format", &runReport},
    {"rerun", "LOG RUN", "a logged run computed again: equal, or not", &runRerun},
    {"audit", "VERB LOG", "list, show or verify the log", &runAudit},
    {"gui", "[REF [VARIANT…]]", "the desktop workbench", &runGui},
    {"bench", "MODEL [VARIANT...]", "what loading, explaining and comparing cost on this machine",
     &runBenchVerb},
}};

void printUsage(std::ostream& out) {
    out << "usage: driftlens VERB [ARGUMENT…] [OPTION…]\n\n";
    for (const Verb& verb : kVerbs) {
        std::string left = "  " + std::string(verb.name) + " " + std::string(verb.arguments);
        left.resize(std::max<std::size_t>(left.size() + 1, 28), ' ');
        out << left << verb.summary << "\n";
    }
    out << "\nMODEL is a model folder, or FOLDER@SCHEME[:key=value,…][+SCHEME…] for the model "
           "compressed in\n"
           "memory, as in models/base@int4:group=32 or models/base@int4+adapter=FOLDER. driftlens "
           "VERB --help says more.\n";
}

int run(const Arguments& arguments) {
    if (arguments.empty()) {
        printUsage(std::cerr);
        return exitCode(ErrorKind::Usage);
    }
    if (arguments[0] == "--help" || arguments[0] == "help") {
        printUsage(std::cout);
        return kExitFine;
    }
    if (arguments[0] == "--version") {
        std::cout << "driftlens " << kVersion << "\n";
        return kExitFine;
    }
    for (const Verb& verb : kVerbs) {
        if (verb.name == arguments[0])
            return verb.run(Arguments(arguments.begin() + 1, arguments.end()));
    }
    throw Error(ErrorKind::Usage,
                "unknown verb " + inQuotes(arguments[0]) + "; driftlens --help lists them");
}

}  // namespace

std::span<const Verb> verbs() {
    return kVerbs;
}

}  // namespace driftlens

int main(int argc, char** argv) {
    using driftlens::ErrorKind;
    try {
        return driftlens::run({argv + 1, argv + argc});
    } catch (const driftlens::Error& error) {
        std::cerr << "driftlens: " << error.what() << "\n";
        return driftlens::exitCode(error.kind());
    } catch (const std::exception& error) {
        std::cerr << "driftlens: internal error: " << error.what() << "\n";
        return driftlens::exitCode(ErrorKind::Internal);
    }
}
