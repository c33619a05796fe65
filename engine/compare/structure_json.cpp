#include "engine/compare/structure_json.h"

#include "core/base/figure_json.h"

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

}  // namespace

Json toJson(const StructureDrift& drift) {
    return structureIn(drift, &figureJson);
}

Json structureRecord(const StructureDrift& drift) {
    return structureIn(drift, &figureRecord);
}

StructureDrift readStructure(const Json& record, const std::string& where) {
    StructureDrift out;
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
