#include "ui/models/session.h"

#include "core/base/error.h"
#include "core/files/mapped_file.h"
#include "xai/methods/metric_plan.h"

#include <QFileInfo>

#include <algorithm>
#include <system_error>

namespace driftlens {
namespace {

namespace fs = std::filesystem;
using namespace Qt::StringLiterals;

constexpr std::string_view kSchema = "driftlens/session/1";
constexpr std::int64_t kMostModels = 1000;

std::string utf8(const QString& text) {
    return text.toStdString();
}

QString fromUtf8(const std::string& text) {
    return QString::fromStdString(text);
}

// A path twice: as it is, and seen from the folder of the session file.
Json pathJson(const QString& path, const fs::path& file) {
    if (path.isEmpty()) return Json();
    const fs::path whole = fs::absolute(fs::path(utf8(path))).lexically_normal();
    const fs::path near = whole.lexically_relative(fs::absolute(file).parent_path());
    return {{"path", whole.string()}, {"near", near.string()}};
}

// The absolute path if something is there; else the relative one if something is there; else the
// absolute one, for people to see what is missing.
QString pathFrom(const Json* json, const std::string& what, const fs::path& file) {
    if (json == nullptr) return {};
    const JsonObject members(*json, what);
    const fs::path whole = members.string("path");
    const fs::path near = fs::absolute(file).parent_path() / members.string("near", "");
    std::error_code status;
    const bool usesNear = !members.string("near", "").empty() && !fs::exists(whole, status) &&
                          fs::exists(near, status);
    return fromUtf8((usesNear ? near.lexically_normal() : whole).string());
}

Json bytesJson(const QByteArray& bytes) {
    return bytes.toBase64().toStdString();
}

QByteArray bytesFrom(const std::string& text) {
    return QByteArray::fromBase64(QByteArray::fromStdString(text));
}

// Sessions of earlier versions have none.
std::vector<SessionTexts> textsFrom(const Json* list, const std::string& what,
                                    const fs::path& file) {
    std::vector<SessionTexts> out;
    if (list == nullptr || !list->is_array()) return out;
    for (const Json& each : *list) {
        const JsonObject entry(each, what + ": texts");
        out.push_back({fromUtf8(entry.string("option")), fromUtf8(entry.string("name", "")),
                       pathFrom(&each, entry.what(), file)});
    }
    return out;
}

Session contentFrom(const JsonObject& members, const fs::path& file) {
    Session out;
    const Json* models = members.find("models");
    if (models != nullptr && models->is_array()) {
        for (const Json& model : *models) {
            const JsonObject entry(model, members.what() + ": models");
            out.models.push_back(
                {pathFrom(&model, entry.what(), file), fromUtf8(entry.string("scheme", ""))});
        }
    }
    const auto last = std::max<std::int64_t>(0, static_cast<std::int64_t>(out.models.size()) - 1);
    if (last >= kMostModels)
        throw Error(ErrorKind::InputFile, members.what() + ": more than 1000 models");
    out.reference = static_cast<int>(members.integer("reference", 0, last, 0));
    out.prompt = fromUtf8(members.string("prompt", ""));
    out.target = fromUtf8(members.string("target", "top"));
    out.quantity = fromUtf8(members.string("quantity", "log_probability"));
    out.texts = textsFrom(members.find("texts"), members.what(), file);
    out.metrics = fromUtf8(members.string("metrics", ""));
    if (!out.metrics.isEmpty()) parseMetrics(utf8(out.metrics));  // throws for another word
    out.log = pathFrom(members.find("log"), members.what() + ": log", file);
    out.data = pathFrom(members.find("data"), members.what() + ": data", file);
    const Json* methods = members.find("methods");
    if (methods == nullptr || !methods->is_array()) return out;
    out.methods.clear();
    for (const Json& method : *methods) {
        if (!method.is_string())
            throw Error(ErrorKind::InputFile, members.what() + ": a method is no text");
        out.methods.push_back(fromUtf8(method.get<std::string>()));
    }
    return out;
}

}  // namespace

SessionModel SessionModel::parse(const QString& text) {
    if (QFileInfo::exists(text)) return {text, {}};
    qsizetype at = -1;
    bool isQuoted = false;
    for (qsizetype i = 0; i < text.size(); ++i) {
        if (text[i] == u'"') isQuoted = !isQuoted;
        if (text[i] == u'@' && !isQuoted) at = i;
    }
    if (at < 0) return {text, {}};
    return {text.left(at), text.mid(at + 1)};
}

QString SessionModel::text() const {
    return scheme.isEmpty() ? path : path + u'@' + scheme;
}

Json sessionJson(const StoredSession& stored, const fs::path& file) {
    const Session& session = stored.session;
    Json models = Json::array();
    for (const SessionModel& model : session.models) {
        Json entry = pathJson(model.path, file);
        entry["scheme"] = utf8(model.scheme);
        models.push_back(std::move(entry));
    }
    Json methods = Json::array();
    for (const QString& method : session.methods) methods.push_back(utf8(method));
    Json texts = Json::array();
    for (const SessionTexts& each : session.texts) {
        // What is not chosen yet has no place, and stays empty.
        Json entry = each.path.isEmpty() ? Json{{"path", ""}} : pathJson(each.path, file);
        entry["option"] = utf8(each.option);
        entry["name"] = utf8(each.name);
        texts.push_back(std::move(entry));
    }
    return {{"schema", kSchema},
            {"models", models},
            {"reference", session.reference},
            {"prompt", utf8(session.prompt)},
            {"target", utf8(session.target)},
            {"quantity", utf8(session.quantity)},
            {"methods", methods},
            {"texts", texts},
            {"metrics", utf8(session.metrics)},
            {"log", pathJson(session.log, file)},
            {"data", pathJson(session.data, file)},
            {"window",
             {{"geometry", bytesJson(stored.window.geometry)},
              {"docks", bytesJson(stored.window.docks)},
              {"tab", utf8(stored.window.tab)}}}};
}

StoredSession sessionFromJson(const Json& json, const fs::path& file) {
    const JsonObject members(json, file.string());
    const std::string schema = members.string("schema", "");
    if (schema != kSchema) {
        throw Error(ErrorKind::InputFile,
                    file.string() + ": no session of this version: schema is \"" + schema +
                        "\", expected \"" + std::string(kSchema) + "\"");
    }
    StoredSession out;
    out.session = contentFrom(members, file);
    if (!members.has("window")) return out;
    const JsonObject window = members.object("window");
    out.window.geometry = bytesFrom(window.string("geometry", ""));
    out.window.docks = bytesFrom(window.string("docks", ""));
    out.window.tab = fromUtf8(window.string("tab", ""));
    return out;
}

StoredSession readSession(const fs::path& file) {
    constexpr JsonLimits kLimits{.maxBytes = std::size_t{16} << 20, .maxDepth = 8};
    return sessionFromJson(readJsonFile(file, kLimits), file);
}

void writeSession(const StoredSession& stored, const fs::path& file) {
    writeFileAtomically(file, sessionJson(stored, file).dump(2) + "\n");
}

}  // namespace driftlens
