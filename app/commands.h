// The verbs. Each takes the arguments after its name and returns an exit code; errors are thrown.
#pragma once

#include "app/options.h"

#include <span>
#include <string_view>

namespace driftlens {

struct Verb {
    std::string_view name, arguments, summary;
    int (*run)(const Arguments& arguments);
};

std::span<const Verb> verbs();

int runDemo(const Arguments& arguments);
int runInspect(const Arguments& arguments);
int runTokenize(const Arguments& arguments);
int runCapture(const Arguments& arguments);
int runGenerate(const Arguments& arguments);
int runExplain(const Arguments& arguments);
int runCompare(const Arguments& arguments);
int runEvaluate(const Arguments& arguments);
int runCompress(const Arguments& arguments);
int runReport(const Arguments& arguments);
int runRerun(const Arguments& arguments);
int runAudit(const Arguments& arguments);
int runGui(const Arguments& arguments);
int runBenchVerb(const Arguments& arguments);

}  // namespace driftlens
