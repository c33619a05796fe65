// Drives the window as a user would, for pictures and benches. Everything here runs the event loop
// until it is done, or two minutes have passed.
#pragma once

#include <functional>

namespace driftlens {

class MainWindow;

void settle(int milliseconds);
bool waitUntil(const std::function<bool()>& done);  // false: it was not in time

// Until nothing is loaded, computed, made or drawn any more.
void waitForRest(MainWindow& window);

bool openSample(MainWindow& window);
bool runPrompt(MainWindow& window);  // the session's, and logs it

// So many rows of the sample's own words, by a method of one pass and without yardsticks, which
// take half a minute and more.
bool runSampleData(MainWindow& window, int rows);

}  // namespace driftlens
