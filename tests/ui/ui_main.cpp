// One application for all tests of the desktop, without a screen; nothing of the user's is touched.
#include "ui/timed_application.h"

#include <gtest/gtest.h>

#include <clocale>
#include <cstdio>
#include <cstdlib>

int main(int argc, char** argv) {
    ::setenv("QT_QPA_PLATFORM", "offscreen", 0);  // xvfb-run with xcb shows them on a screen
    testing::InitGoogleTest(&argc, argv);
    driftlens::TimedApplication application(argc, argv);
    std::setlocale(LC_NUMERIC, "C");
    const int code = RUN_ALL_TESTS();
    std::fflush(nullptr);
    std::_Exit(code);  // as the program ends: see app/gui_main.cpp
}
