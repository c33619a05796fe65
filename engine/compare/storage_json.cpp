#include "engine/compare/storage_json.h"

namespace driftlens {

Json toJson(const std::vector<StoredPart>& storage) {
    Json out = Json::array();
    for (const StoredPart& each : storage)
        out.push_back({{"part", each.part},
                       {"form", each.form},
                       {"weights", each.weights},
                       {"bytes", each.bytes},
                       {"matrix_weights", each.matrixWeights},
                       {"zeros", each.zeros ? Json(*each.zeros) : Json()}});
    return out;
}

std::vector<StoredPart> readStorage(const Json& list, const std::string& what) {
    constexpr std::int64_t kMostInteger = (std::int64_t{1} << 53) - 1;
    std::vector<StoredPart> out;
    for (const Json& each : list) {
        const JsonObject object(each, what + ", storage");
        const auto count = [&](const char* key) { return object.integer(key, 0, kMostInteger); };
        StoredPart& own = out.emplace_back();
        own.part = object.string("part");
        own.form = object.string("form");
        own.weights = count("weights");
        own.bytes = count("bytes");
        own.matrixWeights = count("matrix_weights");
        if (object.find("zeros") != nullptr) own.zeros = count("zeros");
    }
    return out;
}

}  // namespace driftlens
