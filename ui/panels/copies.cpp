#include "ui/panels/copies.h"

#include <QAction>

namespace driftlens {
namespace {

bool has(const Panel& panel, CopyFormat format) {
    switch (format) {
        case CopyFormat::PlainText:
            return !panel.asText().isEmpty();
        case CopyFormat::Picture:
            return !panel.asImage().isNull();
        case CopyFormat::SvgText:
            return !panel.asSvg().isEmpty();
        case CopyFormat::JsonText:
            return !panel.asJson().isEmpty();
    }
    return false;
}

QString lackOf(CopyFormat format) {
    switch (format) {
        case CopyFormat::PlainText:
            return Panel::tr("What this tab shows has no text yet.");
        case CopyFormat::Picture:
            return Panel::tr("What this tab shows has no picture yet.");
        case CopyFormat::SvgText:
            return Panel::tr("What this tab shows has no drawing.");
        case CopyFormat::JsonText:
            return Panel::tr("What this tab shows has no figures yet.");
    }
    return {};
}

}  // namespace

QString whyNotCopied(const Panel& panel, CopyFormat format) {
    // Text may be left of a result that is shown no more: the tab's own picture is of what is
    // shown.
    if (panel.Panel::asImage().isNull()) return Panel::tr("This tab shows nothing yet.");
    return has(panel, format) ? QString() : lackOf(format);
}

void offerCopy(QAction& action, const Panel* panel, CopyFormat format) {
    const QString why =
        panel == nullptr ? Panel::tr("No tab is open.") : whyNotCopied(*panel, format);
    action.setEnabled(why.isEmpty());
    action.setToolTip(why);
    action.setStatusTip(why);
}

}  // namespace driftlens
