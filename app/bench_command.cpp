// bench: times the engine, and a peer's command beside it.
#include "app/commands.h"
#include "core/base/text.h"
#include "engine/bench/bench.h"
#include "engine/bench/dequantize_bench.h"
#include "engine/bench/drift_bench.h"

#include <array>
#include <cstdio>
#include <iomanip>
#include <iostream>
#include <memory>
#include <sstream>

namespace driftlens {
namespace {

// What a peer's program said on its last line: {"task": …, "tokens", "seconds", "peak_rss_mb"}.
struct PeerCost {
    std::string task;
    std::int64_t tokens = 0;
    double seconds = 0.0;
    std::int64_t peakBytes = 0;  // most resident memory; 0: it did not say
};

PeerCost runPeer(const std::string& command) {
    const std::unique_ptr<FILE, int (*)(FILE*)> pipe(::popen(command.c_str(), "r"), &::pclose);
    if (pipe == nullptr) throw Error(ErrorKind::Io, "cannot run " + inQuotes(command));
    std::string output;
    std::array<char, 4096> buffer{};
    while (std::fgets(buffer.data(), static_cast<int>(buffer.size()), pipe.get()) != nullptr)
        output += buffer.data();
    const std::string_view whole = trimmed(output);
    const std::size_t lastLine = whole.rfind('\n');
    const std::string line(lastLine == std::string_view::npos ? whole : whole.substr(lastLine + 1));
    const std::string what = "the output of " + inQuotes(command);
    const Json json = parseJson(line, what);
    const JsonObject object(json, what);
    return {object.string("task", "peer"), object.integer("tokens", 1, std::int64_t{1} << 40),
            object.number("seconds", 1e-9, 1e9),
            object.integer("peak_rss_mb", 0, std::int64_t{1} << 30, 0) << 20};
}

std::string benchText(const BenchResult& result, const std::optional<PeerCost>& peer) {
    std::ostringstream out;
    const auto bytes = [](std::int64_t n) {
        return formatBytes(static_cast<unsigned long long>(n));
    };
    const LoadCost& load = result.load;
    const auto ofFiles = [&](std::int64_t growth) {
        const double share = static_cast<double>(growth) / static_cast<double>(load.fileBytes);
        return bytes(growth) + " (" + formatNumber(share, 3) + " of the files' size)";
    };
    out << std::fixed << std::setprecision(3) << result.model.name() << ", " << result.threads
        << " threads; matrix product " << formatNumber(result.matrixFlops / 1e9, 3)
        << " GFLOP/s\nload " << load.seconds << " s for " << bytes(load.fileBytes)
        << "; memory grew by " << ofFiles(load.growthBytes) << "\nfirst forward pass "
        << load.forwardSeconds << " s; memory has grown by " << ofFiles(load.forwardGrowthBytes)
        << "\n";
    for (const MethodCost& cost : result.methods) {
        out << cost.method << "\n  " << cost.tokens << " tokens, batch " << cost.batch << ", "
            << cost.evaluations << " evaluations: " << cost.seconds << " s, "
            << formatNumber(100.0 * cost.shareOfLimit, 3) << " % of the matrix product's limit";
        if (cost.completenessGap) out << ", gap " << formatNumber(*cost.completenessGap, 3);
        out << "\n";
        if (peer) {
            out << "  peer (" << peer->task << "): " << peer->seconds
                << " s; time here / time there = " << formatNumber(cost.seconds / peer->seconds, 3)
                << "\n";
        }
    }
    out << "peak memory " << bytes(result.peakBytes);
    if (peer && peer->peakBytes > 0) {
        const double share =
            static_cast<double>(result.peakBytes) / static_cast<double>(peer->peakBytes);
        out << "; peer " << bytes(peer->peakBytes) << "; here / there = " << formatNumber(share, 3);
    }
    out << "\n";
    return out.str();
}

std::string driftText(const DriftBenchResult& result, const std::optional<PeerCost>& peer) {
    std::ostringstream out;
    out << std::fixed << std::setprecision(3) << result.reference.name() << " and";
    for (const ModelIdentity& variant : result.variants) out << " " << variant.name();
    out << ", " << result.threads << " threads\n";
    for (const DriftCost& cost : result.methods) {
        out << cost.method << "\n  " << cost.tokens << " tokens, batch " << cost.batch
            << "; explaining the reference once: " << cost.explanationSeconds << " s\n";
        for (std::size_t k = 1; k <= cost.comparisonSeconds.size(); ++k)
            out << "  comparing " << k << (k == 1 ? " variant:  " : " variants: ")
                << cost.comparisonSeconds[k - 1] << " s\n";
        out << "  all variants / (" << cost.comparisonSeconds.size() + 1
            << " explanations) = " << formatNumber(cost.overhead, 3) << "\n";
        if (peer) {
            out << "  peer (" << peer->task << "): " << peer->seconds
                << " s; one variant here / time there = "
                << formatNumber(cost.comparisonSeconds.front() / peer->seconds, 3) << "\n";
        }
    }
    return out.str();
}

std::string tokenizerText(const TokenizerCost& cost, const std::optional<PeerCost>& peer) {
    std::ostringstream out;
    const double rate = static_cast<double>(cost.textBytes) / cost.encodeSeconds / 1e6;
    out << "tokenizer opened in " << formatNumber(cost.openSeconds, 3) << " s\n"
        << cost.textBytes << " bytes, " << cost.tokens << " tokens in "
        << formatNumber(cost.encodeSeconds, 3) << " s: " << formatNumber(rate, 3)
        << " MB/s on one core\n";
    if (peer) {
        out << "peer (" << peer->task << "): " << formatNumber(peer->seconds, 3) << " s for "
            << peer->tokens << " tokens; time here / time there = "
            << formatNumber(cost.encodeSeconds / peer->seconds, 3) << "\n";
    }
    return out.str();
}

std::string dequantizeText(const DequantizeBench& bench) {
    std::ostringstream out;
    out << "float32 written on one core, GB/s\n  memcpy      " << std::fixed << std::setprecision(2)
        << bench.copyBytesPerSecond / 1e9 << "\n";
    for (const DequantizeCost& cost : bench.formats) {
        out << "  " << std::left << std::setw(12) << cost.format << cost.bytesPerSecond / 1e9
            << "  (" << cost.bytesPerSecond / bench.copyBytesPerSecond << " of memcpy)\n";
    }
    return out.str();
}

int benchDequantizing(const VerbOptions& options, int repeat) {
    // Past the caches of any machine, as a model's weights are.
    constexpr std::size_t kOutputBytes = std::size_t{256} << 20;
    const DequantizeBench bench = benchDequantize(kOutputBytes, repeat);
    emit(options, options.flag("json") ? toJson(bench).dump(1) + "\n" : dequantizeText(bench));
    return kExitFine;
}

}  // namespace

int runBenchVerb(const Arguments& arguments) {
    VerbOptions options(
        "bench MODEL [VARIANT...] [--method METHOD]",
        "Times loading and explaining on this machine; with variants, comparing them.",
        "driftlens bench models/base --method integrated_gradients:nodes=50 --batch 16 "
        "--peer \"python peers.py ig models/base --batch 16\"");
    options.positional("model", -1);
    addMethodOptions(options);
    options.add("Measuring")
        .add_options()("tokens", po::value<std::string>()->default_value("50"),
                       "length of the input")(
            "prompt", po::value<std::string>(),
            "the input, instead of made-up tokens: what a method that stops at a tolerance takes "
            "depends on it")("repeat", po::value<std::string>()->default_value("3"),
                             "timed runs; the median is given")(
            "peer", po::value<std::string>(),
            "a command that does the same work and prints a "
            "line {\"tokens\": N, \"seconds\": S, \"peak_rss_mb\": M}; its "
            "length is taken for the input")("text", po::value<std::string>(),
                                             "time the tokenizer on this file instead")(
            "dequantize", po::bool_switch(),
            "time unpacking of every block format instead; takes no model");
    addComputeOptions(options);
    addOutputOptions(options);
    if (!options.parse(arguments)) return kExitFine;
    BenchRequest request;
    request.repeat = static_cast<int>(parseInteger(options.text("repeat"), "--repeat"));
    if (request.repeat < 1 || request.repeat > 1000)
        throw Error(ErrorKind::Usage, "--repeat must be 1 to 1000");
    if (options.flag("dequantize")) return benchDequantizing(options, request.repeat);
    const std::vector<std::string> models = options.list("model");
    if (models.empty()) throw Error(ErrorKind::Usage, "give a model; see --help");
    request.model = VariantSpec::parse(models.front());
    request.methods = readMethods(options);
    request.compute = readComputeOptions(options);
    request.tokens = parseInteger(options.text("tokens"), "--tokens");
    if (options.has("prompt")) request.prompt = options.text("prompt");
    std::optional<PeerCost> peer;
    if (options.has("peer")) {
        peer = runPeer(options.text("peer"));
        request.tokens = peer->tokens;
    }
    if (options.has("text")) {
        onlyModel(options);
        const TokenizerCost cost =
            benchTokenizer(request.model.path, options.text("text"), request.repeat);
        emit(options,
             options.flag("json") ? toJson(cost).dump(1) + "\n" : tokenizerText(cost, peer));
        return kExitFine;
    }
    const auto show = [&](const auto& result, auto* text) {
        if (peer && !result.methods.empty() && result.methods.front().tokens != peer->tokens) {
            throw Error(ErrorKind::Usage, "--peer explained " + std::to_string(peer->tokens) +
                                              " tokens, --prompt has " +
                                              std::to_string(result.methods.front().tokens));
        }
        Json json = toJson(result);
        if (peer)
            json["peer"] = {{"task", peer->task},
                            {"tokens", peer->tokens},
                            {"seconds", peer->seconds},
                            {"peak_bytes", peer->peakBytes > 0 ? Json(peer->peakBytes) : Json()}};
        emit(options, options.flag("json") ? json.dump(1) + "\n" : text(result, peer));
        return kExitFine;
    };
    std::vector<VariantSpec> variants;
    for (auto each = models.begin() + 1; each != models.end(); ++each)
        variants.push_back(VariantSpec::parse(*each));
    if (variants.empty()) return show(runBench(request, terminalContext(options)), &benchText);
    return show(runDriftBench(request, variants, terminalContext(options)), &driftText);
}

}  // namespace driftlens
