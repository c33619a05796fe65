#include "ui/benches.h"

#include "ui/driving.h"
#include "ui/main_window.h"
#include "ui/widgets/attention_matrix.h"
#include "ui/widgets/token_strip.h"

#include <QApplication>
#include <QElapsedTimer>
#include <QFile>

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace driftlens {
namespace {

using namespace Qt::StringLiterals;

double medianOf(std::vector<double> times) {
    std::nth_element(times.begin(), times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2),
                     times.end());
    return times[times.size() / 2];
}

// The first paint makes caches; the median of the others is what scrolling costs.
void printPaints(const char* what, QWidget& widget, const QRect& part) {
    std::vector<double> times;
    double first = 0.0;
    for (int i = 0; i < 21; ++i) {
        QImage image(part.size(), QImage::Format_RGB32);
        QElapsedTimer since;
        since.start();
        widget.render(&image, {}, part);
        const double time = static_cast<double>(since.nsecsElapsed()) / 1e6;
        if (i == 0)
            first = time;
        else
            times.push_back(time);
    }
    std::printf("%-32s first %7.2f ms, then %7.2f ms\n", what, first, medianOf(times));
}

double residentMib() {
    QFile status(u"/proc/self/status"_s);
    if (!status.open(QIODevice::ReadOnly)) return 0.0;
    for (const QByteArray& line : status.readAll().split('\n'))
        if (line.startsWith("RssAnon:"))
            return line.mid(8).simplified().split(' ').front().toDouble() / 1024.0;
    return 0.0;
}

}  // namespace

int benchPainting() {
    ExplainView view;
    StripView strip{u"bench"_s, {}, {}};
    for (int i = 0; i < 4096; ++i) {
        view.units.push_back(u"token%1"_s.arg(i % 97));
        strip.scores.push_back(std::sin(i));
    }
    view.columns.push_back({});
    view.columns.back().scores = strip;
    QElapsedTimer since;
    since.start();
    const auto layout = std::make_shared<const StripLayout>(
        StripLayout::of(view, QFontMetrics(QApplication::font())));
    TokenStrip tokens(layout, strip, 1.0, nullptr);
    tokens.resize(600, tokens.heightForWidth(600));
    std::printf("%-32s       %7.2f ms\n", "layout of 4096 tokens",
                static_cast<double>(since.nsecsElapsed()) / 1e6);
    printPaints("4096 tokens, 600 × 800 seen", tokens, QRect(0, 4000, 600, 800));
    printPaints("4096 tokens, all of them", tokens, tokens.rect());
    AttentionMatrix matrix(nullptr);
    AttentionPicture picture;
    picture.map = AttentionMap{0, 0, 512, std::vector<float>(512 * 512)};
    for (std::size_t i = 0; i < picture.map->values.size(); ++i)
        picture.map->values[i] = static_cast<float>(i % 512) / 512.0F;
    matrix.resize(540, 560);
    matrix.show(picture);
    printPaints("matrix of 512 × 512", matrix, matrix.rect());
    return kExitFine;
}

int benchMemory(MainWindow& window, const Session& session) {
    const auto print = [](const char* what) {
        std::printf("%-32s %9.1f MiB of memory that no file backs\n", what, residentMib());
        std::fflush(stdout);
    };
    waitForRest(window);
    print("before");
    window.setSession(session);
    waitForRest(window);
    window.workbench().run();
    waitForRest(window);
    print("models loaded, prompt run");
    window.workbench().startSession({});
    waitForRest(window);
    settle(500);
    print("closed");
    return kExitFine;
}

}  // namespace driftlens
