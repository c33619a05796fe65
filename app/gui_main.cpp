// The desktop program: driftlens-gui [REFERENCE [VARIANT…]].
#include "core/base/error.h"
#include "ui/main_window.h"

#include <QApplication>
#include <QCommandLineParser>
#include <QPixmap>
#include <QStandardPaths>
#include <QTimer>

#include <clocale>
#include <cstdio>
#include <cstdlib>

namespace {

using namespace Qt::StringLiterals;

QString defaultLog() {
    return QStandardPaths::writableLocation(QStandardPaths::GenericDataLocation) +
           u"/driftlens/audit.db"_s;
}

int complain(driftlens::ErrorKind kind, const QString& message) {
    std::fprintf(stderr, "driftlens-gui: %s\n", message.toUtf8().constData());
    return driftlens::exitCode(kind);
}

// Runs the form, keeps a picture of the window with its result, ends the program.
void takePicture(driftlens::MainWindow& window, const QString& file) {
    using driftlens::MainWindow;
    QObject::connect(&window, &MainWindow::failed, qApp,
                     [](driftlens::ErrorKind kind, const QString& message) {
                         QCoreApplication::exit(complain(kind, message));
                     });
    QObject::connect(&window, &MainWindow::succeeded, qApp, [&window, file] {
        // Layout and painting of the new widgets happen in the turns of the event loop after this.
        QTimer::singleShot(50, &window, [&window] { window.growToResult(); });
        QTimer::singleShot(250, &window, [&window, file] {
            const bool isSaved = window.grab().save(file, "PNG");
            QCoreApplication::exit(
                isSaved ? driftlens::kExitFine
                        : complain(driftlens::ErrorKind::Io, u"cannot write "_s + file));
        });
    });
}

// Everything of ours is destroyed and closed when this returns.
int run(int argc, char** argv) {
    const QApplication application(argc, argv);
    // Qt takes the user's locale over; numbers in model files have points whatever it says.
    std::setlocale(LC_NUMERIC, "C");
    QCoreApplication::setApplicationName(u"driftlens-gui"_s);

    QCommandLineParser parser;
    parser.setApplicationDescription(
        u"Why a language model answered, and what compression did to its reasons."_s);
    parser.addHelpOption();
    parser.addPositionalArgument(u"REFERENCE"_s, u"model folder"_s, u"[REFERENCE"_s);
    parser.addPositionalArgument(u"VARIANT"_s, u"PATH, or PATH@SCHEME such as PATH@int4:group=32"_s,
                                 u"[VARIANT…]]"_s);
    const QCommandLineOption prompt(u"prompt"_s, u"prompt to start with"_s, u"TEXT"_s);
    const QCommandLineOption method(u"method"_s, u"method to start with: ID[:key=value,…]"_s,
                                    u"METHOD"_s, u"integrated_gradients"_s);
    const QCommandLineOption run(u"run"_s, u"run at once"_s);
    const QCommandLineOption log(u"log"_s,
                                 u"audit log (default: %1); empty: no log"_s.arg(defaultLog()),
                                 u"FILE"_s, defaultLog());
    const QCommandLineOption screenshot(
        u"screenshot"_s, u"run, keep a picture of the result as PNG, end"_s, u"FILE.png"_s);
    parser.addOptions({prompt, method, run, log, screenshot});
    if (!parser.parse(QCoreApplication::arguments())) {
        return complain(driftlens::ErrorKind::Usage, parser.errorText() + u"; see --help"_s);
    }
    if (parser.isSet(u"help"_s)) parser.showHelp();

    const QStringList models = parser.positionalArguments();
    driftlens::MainWindow window({models.value(0), models.mid(1), parser.value(prompt),
                                  parser.value(log), parser.value(method)});
    window.show();
    if (parser.isSet(screenshot)) takePicture(window, parser.value(screenshot));
    if (parser.isSet(run) || parser.isSet(screenshot)) {
        QTimer::singleShot(0, &window, &driftlens::MainWindow::run);
    }
    return QApplication::exec();
}

}  // namespace

// Qt's thread pool waits for the jobs, not for the end of their thread, which frees MKL's buffers
// last of all. At a common exit that runs beside the destruction of LibTorch's own statics, and one
// of fifty runs aborted there: so the program ends without them.
int main(int argc, char** argv) {
    const int code = run(argc, argv);
    std::fflush(nullptr);
    std::_Exit(code);
}
