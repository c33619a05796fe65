// A model as the user names it: "PATH" or "PATH@SCHEME[:key=value,…][+SCHEME…]"; "adapter=DIR" is
// short for "adapter:path=DIR".
#pragma once

#include "core/base/run_context.h"
#include "core/model/compute.h"
#include "core/tokenizer/tokenizer.h"
#include "engine/compare/comparison.h"

#include <filesystem>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace driftlens {

class Model;
class ModelSource;

// One step of a recipe: a scheme of the registry and its parameters as given.
struct SchemeStep {
    std::string id;
    std::map<std::string, std::string> parameters;
    bool operator==(const SchemeStep&) const = default;
};

// A parsed variant argument.
struct VariantSpec {
    std::filesystem::path path;
    std::vector<SchemeStep> steps;  // empty: the weights as stored

    // An argument that exists as a path is a path; else it is split at the last '@' outside
    // quotes. Values may be double-quoted. Throws Error(Usage) for an unknown scheme or parameter,
    // with the known ones, and for a scheme without the setting that it needs.
    static VariantSpec parse(std::string_view argument);
    std::string schemeText()
        const;  // "int4:group=32+prune_magnitude:sparsity=0.5"; "none" if empty
};

// How every computing verb computes (product.md, "Options that every computing verb knows").
struct ComputeOptions {
    ComputeType compute = ComputeType::Float32;
    std::string device = "cpu";
    int threads = 0;                // 0: all cores
    std::int64_t batch = 0;         // rows of a micro-batch; 0: planned from memory
    std::uint64_t memoryBytes = 0;  // 0: half of what is free
    // What that half was when a run over many examples began, so that all of them are planned
    // alike; 0: as it is when something is planned.
    std::uint64_t plannedMemoryBytes = 0;
    std::uint64_t seed = 0;
};

// A variant in memory: an immutable model, its tokenizer and its identity. Copies share everything.
struct LoadedVariant {
    std::shared_ptr<const Model> model;
    std::shared_ptr<const Tokenizer> tokenizer;  // never null
    std::string whyNoTexts;  // where the model has no tokenizer of its own: the reason; else empty
    ModelIdentity identity;  // digests filled in by loadVariant
    std::shared_ptr<const ModelSource> source;  // of the weights as stored; never null
};

// Loads a variant; weights stay mapped and are shared between variants of one path given the same
// cache. A path whose files have changed since is read again. Belongs to one thread at a time.
// Throws Error as the parts do, with the variant named.
class VariantLoader {
public:
    // Sources: a variant is made anew by each load. Variants: it stays in memory for the next one.
    enum class Keeps { Sources, Variants };
    explicit VariantLoader(Keeps keeps = Keeps::Sources);
    ~VariantLoader();
    VariantLoader(const VariantLoader&) = delete;
    VariantLoader& operator=(const VariantLoader&) = delete;

    // withDigests: hash every file of the checkpoint (needed where the result is kept).
    LoadedVariant load(const VariantSpec& spec, const ComputeOptions& options, bool withDigests,
                       const RunContext& context);

    // Lets go of everything that these do not need.
    void keepOnly(std::span<const VariantSpec> specs);

private:
    struct State;
    std::unique_ptr<State> m_state;
};

}  // namespace driftlens
