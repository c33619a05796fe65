// What can be copied of a tab, and why not.
#pragma once

#include "ui/panels/panel.h"

#include <QString>

class QAction;

namespace driftlens {

// Empty: it can be copied.
QString whyNotCopied(const Panel& panel, CopyFormat format);

// Enables it, or disables it and says in its tool tip why.
void offerCopy(QAction& action, const Panel* panel, CopyFormat format);

}  // namespace driftlens
