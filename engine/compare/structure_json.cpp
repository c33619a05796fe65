#include "engine/compare/structure_json.h"

#include "core/base/error.h"
#include "core/base/figure_json.h"

#include <array>
#include <charconv>

namespace driftlens {
namespace {

using FigureWriter = Json (*)(const Figure&);

Json structureIn(const StructureDrift& drift, FigureWriter figure) {
    Json heads = Json::array();
    for (const HeadChange& head : drift.heads) {
        heads.push_back({{"layer", head.layer},
                         {"head", head.head},
                         {"js", figure(head.js)},
                         {"js_without_sink", figure(head.jsWithoutSink)},
                         {"entropy_change", figure(head.entropyChange)}});
    }
    Json sites = Json::array();
    for (const SiteChange& site : drift.sites) {
        sites.push_back({{"site", site.site},
                         {"module", site.module},
                         {"layer", site.layer},
                         {"cosine", figure(site.cosine)},
                         {"relative_frobenius", figure(site.relativeFrobenius)},
                         {"sqnr_db", figure(site.sqnrDecibel)},
                         {"linear_cka", figure(site.linearCka)}});
    }
    return {{"heads", heads},
            {"sites", sites},
            {"rollout_cosine", figure(drift.rolloutSimilarity)},
            {"reason", drift.reason}};
}

// As short as gives the same float again: a map has thousands of them.
double shortest(float value) {
    std::array<char, 32> text{};
    const auto written = std::to_chars(text.data(), text.data() + text.size(), value);
    double out = 0.0;
    std::from_chars(text.data(), written.ptr, out);
    return out;
}

// With the keys in rows of their queries.
Json rowsOf(const std::vector<float>& map, std::size_t size) {
    Json out = Json::array();
    for (std::size_t i = 0; i < map.size(); ++i) {
        if (i % size == 0) out.push_back(Json::array());
        out.back().push_back(shortest(map[i]));
    }
    return out;
}

Json blobOf(AuditLog& log, const std::vector<float>& map) {
    const std::vector<double> values(map.begin(), map.end());
    const std::int64_t count = static_cast<std::int64_t>(values.size());
    return blobJson(log.addBlob(values, {{count}}));
}

std::vector<float> mapOf(const AuditLog& log, const Json& reference, std::size_t size,
                         const std::string& where) {
    std::vector<float> out;
    for (const double value : log.blob(blobDigestIn(reference, where)))
        out.push_back(static_cast<float>(value));
    if (out.size() != size * size)
        throw Error(ErrorKind::Tampered, where + ": an attention map of another size");
    return out;
}

HeadMaps readMaps(const AuditLog& log, const Json& record, const std::string& where) {
    HeadMaps out;
    out.layer = record.at("layer").get<std::int64_t>();
    out.head = record.at("head").get<std::int64_t>();
    out.keys = record.at("keys").get<std::int64_t>();
    out.positions = record.at("positions").get<std::vector<std::int64_t>>();
    for (const std::int64_t position : out.positions)
        if (position < 0 || position >= out.keys)
            throw Error(ErrorKind::Tampered, where + ": an attention map of position " +
                                                 std::to_string(position) + " among " +
                                                 std::to_string(out.keys));
    out.reference = mapOf(log, record.at("reference"), out.positions.size(), where);
    out.variant = mapOf(log, record.at("variant"), out.positions.size(), where);
    return out;
}

Json mapsIn(const HeadMaps& maps, const Json& reference, const Json& variant) {
    return {{"layer", maps.layer},         {"head", maps.head},      {"keys", maps.keys},
            {"positions", maps.positions}, {"reference", reference}, {"variant", variant}};
}

}  // namespace

Json toJson(const StructureDrift& drift) {
    Json out = structureIn(drift, &figureJson);
    if (drift.mostChanged) {
        const HeadMaps& maps = *drift.mostChanged;
        const std::size_t size = maps.positions.size();
        out["most_changed_head"] =
            mapsIn(maps, rowsOf(maps.reference, size), rowsOf(maps.variant, size));
    }
    return out;
}

Json structureRecord(AuditLog& log, const StructureDrift& drift) {
    Json out = structureIn(drift, &figureRecord);
    if (drift.mostChanged) {
        const HeadMaps& maps = *drift.mostChanged;
        out["most_changed_head"] =
            mapsIn(maps, blobOf(log, maps.reference), blobOf(log, maps.variant));
    }
    return out;
}

StructureDrift readStructure(const AuditLog& log, const Json& record, const std::string& where) {
    StructureDrift out;
    if (record.contains("most_changed_head"))  // it came later than the first records
        out.mostChanged = readMaps(log, record.at("most_changed_head"), where);
    const auto figure = [&](const Json& node, const char* key) {
        return readFigureRecord(node.at(key), where);
    };
    for (const Json& head : record.at("heads")) {
        out.heads.push_back({head.at("layer").get<std::int64_t>(),
                             head.at("head").get<std::int64_t>(), figure(head, "js"),
                             figure(head, "js_without_sink"), figure(head, "entropy_change")});
    }
    for (const Json& site : record.at("sites")) {
        out.sites.push_back({site.at("site").get<std::string>(),
                             site.at("module").get<std::string>(),
                             site.at("layer").get<std::int64_t>(), figure(site, "cosine"),
                             figure(site, "relative_frobenius"), figure(site, "sqnr_db"),
                             figure(site, "linear_cka")});
    }
    out.rolloutSimilarity = figure(record, "rollout_cosine");
    out.reason = record.at("reason").get<std::string>();
    return out;
}

}  // namespace driftlens
