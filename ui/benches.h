// How quick the desktop is and what it takes: for people who work on it. Each prints its figures
// and returns the exit code; those that take the window run its event loop themselves.
#pragma once

namespace driftlens {

class MainWindow;
struct Session;

// Milliseconds per paint: a strip of 4096 tokens, a matrix of 512 × 512.
int benchPainting();

// How much memory the models of a session take, and whether it is given back when they are closed.
int benchMemory(MainWindow& window, const Session& session);

// For how long the window could neither paint nor take a key while the sample is loaded, run,
// typed at, run over a data set, reported and verified; and what it did then.
int benchPauses(MainWindow& window);

// From the start of the process (not of main) to the first painted window and the first key that
// it takes.
int benchStart(MainWindow& window);

}  // namespace driftlens
