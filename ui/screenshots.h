// Pictures of every tab in both themes, and how long painting takes: for people who work on the
// desktop.
#pragma once

#include <QString>

namespace driftlens {

class MainWindow;
struct Session;

// Opens the sample, runs it, and writes THEME-TAB.png for every tab, the start page and an error.
// Returns the exit code; prints what it wrote. Runs the event loop itself.
int takeScreenshots(MainWindow& window, const QString& folder);

// Prints milliseconds per paint: a strip of 4096 tokens, a matrix of 512 × 512.
int benchPainting();

// Prints how much memory the models of a session take, and whether it is given back when they are
// closed. Runs the event loop itself.
int benchMemory(MainWindow& window, const Session& session);

// A picture of the window with its result, as tall as it needs to be.
void growToResult(MainWindow& window);

}  // namespace driftlens
