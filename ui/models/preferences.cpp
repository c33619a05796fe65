#include "ui/models/preferences.h"

#include <QSettings>

namespace driftlens {

using namespace Qt::StringLiterals;

namespace {
constexpr int kMostRecent = 10;
}

Preferences readPreferences(const QSettings& store) {
    Preferences out;
    out.threads = store.value(u"threads"_s, 0).toInt();
    out.memoryMib = store.value(u"memory_mib"_s, 0).toInt();
    out.log = store.value(u"log"_s).toString();
    const int theme = store.value(u"theme"_s, 0).toInt();
    if (theme >= 0 && theme <= static_cast<int>(Theme::Dark)) out.theme = static_cast<Theme>(theme);
    out.showsValues = store.value(u"shows_values"_s, true).toBool();
    out.previews = store.value(u"previews"_s, true).toBool();
    out.recent = store.value(u"recent"_s).toStringList();
    out.geometry = store.value(u"geometry"_s).toByteArray();
    out.docks = store.value(u"docks"_s).toByteArray();
    return out;
}

void writePreferences(const Preferences& preferences, QSettings& store) {
    store.setValue(u"threads"_s, preferences.threads);
    store.setValue(u"memory_mib"_s, preferences.memoryMib);
    store.setValue(u"log"_s, preferences.log);
    store.setValue(u"theme"_s, static_cast<int>(preferences.theme));
    store.setValue(u"shows_values"_s, preferences.showsValues);
    store.setValue(u"previews"_s, preferences.previews);
    store.setValue(u"recent"_s, preferences.recent);
    store.setValue(u"geometry"_s, preferences.geometry);
    store.setValue(u"docks"_s, preferences.docks);
}

void addRecent(Preferences& preferences, const QString& file) {
    preferences.recent.removeAll(file);
    preferences.recent.prepend(file);
    while (preferences.recent.size() > kMostRecent) preferences.recent.removeLast();
}

}  // namespace driftlens
