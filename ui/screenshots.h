// Pictures of every tab in both themes: for people who work on the desktop.
#pragma once

#include <QString>

namespace driftlens {

class MainWindow;

// Opens the sample, runs it, and writes THEME-TAB.png for every tab, the start page and an error.
// Returns the exit code; prints what it wrote. Runs the event loop itself.
int takeScreenshots(MainWindow& window, const QString& folder);

// A picture of the window with its result, as tall as it needs to be.
void growToResult(MainWindow& window);

}  // namespace driftlens
