#include "ui/panels/copies.h"

#include <QAction>

namespace driftlens {
namespace {

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
    // Text may be left of a result that is shown no more.
    if (!panel.hasContent()) return Panel::tr("This tab shows nothing yet.");
    return panel.has(format) ? QString() : lackOf(format);
}

void offerCopy(QAction& action, const Panel* panel, CopyFormat format) {
    const QString why =
        panel == nullptr ? Panel::tr("No tab is open.") : whyNotCopied(*panel, format);
    action.setEnabled(why.isEmpty());
    action.setToolTip(why);
    action.setStatusTip(why);
}

}  // namespace driftlens
