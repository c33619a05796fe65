// The desktop program: driftlens-gui [REFERENCE [VARIANT…]].
#include "core/base/error.h"
#include "ui/benches.h"
#include "ui/main_window.h"
#include "ui/screenshots.h"
#include "ui/theme.h"
#include "ui/timed_application.h"

#include <QCommandLineParser>
#include <QPixmap>
#include <QPointer>
#include <QSettings>
#include <QStandardPaths>
#include <QTemporaryDir>
#include <QTimer>

#include <algorithm>
#include <clocale>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <execinfo.h>
#include <iterator>
#include <memory>
#include <unistd.h>

namespace driftlens {
namespace {

using namespace Qt::StringLiterals;

QString defaultLog() {
    return QStandardPaths::writableLocation(QStandardPaths::GenericDataLocation) +
           u"/driftlens/audit.db"_s;
}

int complain(ErrorKind kind, const QString& message) {
    std::fprintf(stderr, "driftlens-gui: %s\n", message.toUtf8().constData());
    return exitCode(kind);
}

// Keeps a picture of the window with the result of its run, ends the program.
void takePicture(MainWindow& window, const QString& file) {
    QObject::connect(&window.workbench(), &Workbench::failed, qApp,
                     [](ErrorKind kind, const QString& message) {
                         QCoreApplication::exit(complain(kind, message));
                     });
    QObject::connect(&window.workbench(), &Workbench::succeeded, qApp, [&window, file] {
        // Layout and painting of the new widgets happen in the turns of the event loop after this.
        QTimer::singleShot(50, &window, [&window] { growToResult(window); });
        QTimer::singleShot(250, &window, [&window, file] {
            const bool isSaved = window.grab().save(file, "PNG");
            QCoreApplication::exit(isSaved ? kExitFine
                                           : complain(ErrorKind::Io, u"cannot write "_s + file));
        });
    });
}

struct GuiOptions {
    QCommandLineOption prompt{u"prompt"_s, u"prompt to start with"_s, u"TEXT"_s};
    QCommandLineOption method{u"method"_s, u"method to start with: ID[:key=value,…]; repeatable"_s,
                              u"METHOD"_s};
    QCommandLineOption data{u"data"_s, u"data set to start with"_s, u"FILE"_s};
    QCommandLineOption run{u"run"_s, u"run at once"_s};
    QCommandLineOption log{u"log"_s, u"audit log (default: %1); empty: no log"_s.arg(defaultLog()),
                           u"FILE"_s, defaultLog()};
    QCommandLineOption samples{u"samples"_s, u"folder of the sample models"_s, u"FOLDER"_s};
    QCommandLineOption settings{u"settings"_s, u"file of preferences to use instead of yours"_s,
                                u"FILE.ini"_s};
    QCommandLineOption screenshot{
        u"screenshot"_s, u"run, keep a picture of the result as PNG, end"_s, u"FILE.png"_s};
    QCommandLineOption screenshots{u"screenshots"_s,
                                   u"keep pictures of every tab of the sample, end"_s, u"FOLDER"_s};
    QCommandLineOption bench{u"bench-painting"_s, u"print how long painting takes, end"_s};
    QCommandLineOption memory{
        u"bench-memory"_s, u"print what the models take, and what closing them gives back, end"_s};
    QCommandLineOption pauses{u"bench-pauses"_s,
                              u"print for how long the window waits while jobs run, end"_s};
    QCommandLineOption start{
        u"bench-start"_s, u"print when the window is there, from the start of the process, end"_s};

    void addTo(QCommandLineParser& parser) const {
        parser.addOptions({prompt, method, data, run, log, samples, settings, screenshot,
                           screenshots, bench, memory, pauses, start});
    }
};

Session sessionOf(const QCommandLineParser& parser, const GuiOptions& options) {
    Session out;
    for (const QString& model : parser.positionalArguments()) {
        const bool isShort = model.startsWith(u'@') && !out.models.empty();
        out.models.push_back(
            SessionModel::parse(isShort ? out.models.front().path + model : model));
    }
    out.prompt = parser.value(options.prompt);
    out.log = parser.value(options.log);
    out.data = parser.value(options.data);
    if (parser.isSet(options.method)) out.methods = parser.values(options.method);
    return out;
}

// Pictures neither use nor change what the user prefers.
std::unique_ptr<QSettings> openSettings(const QCommandLineParser& parser, const GuiOptions& options,
                                        const QTemporaryDir& scratch) {
    if (parser.isSet(options.settings))
        return std::make_unique<QSettings>(parser.value(options.settings), QSettings::IniFormat);
    const QCommandLineOption* own[] = {&options.screenshot, &options.screenshots, &options.memory,
                                       &options.pauses, &options.start};
    if (std::any_of(std::begin(own), std::end(own),
                    [&](const QCommandLineOption* each) { return parser.isSet(*each); }))
        return std::make_unique<QSettings>(scratch.filePath(u"settings.ini"_s),
                                           QSettings::IniFormat);
    return std::make_unique<QSettings>(u"driftlens"_s, u"driftlens-gui"_s);
}

int open(TimedApplication& application, const QCommandLineParser& parser,
         const GuiOptions& options) {
    const QTemporaryDir scratch;
    const std::unique_ptr<QSettings> settings = openSettings(parser, options, scratch);
    const bool isOwn = settings->organizationName() == u"driftlens"_s;
    if (!settings->contains(u"log"_s))
        settings->setValue(u"log"_s, isOwn ? defaultLog() : scratch.filePath(u"audit.db"_s));
    applyTheme(readPreferences(*settings).theme);
    MainWindow window(*settings, parser.value(options.samples));
    application.onDefect = [shown = QPointer(&window)](const QString& line) {
        if (shown) Q_EMIT shown->workbench().noticed(line);
    };
    window.show();
    if (parser.isSet(options.screenshots))
        return takeScreenshots(window, parser.value(options.screenshots));
    if (parser.isSet(options.start)) return benchStart(window);
    if (parser.isSet(options.pauses)) return benchPauses(window);
    if (parser.isSet(options.memory)) return benchMemory(window, sessionOf(parser, options));
    const bool takesPicture = parser.isSet(options.screenshot);
    if (takesPicture) takePicture(window, parser.value(options.screenshot));
    const QStringList arguments = parser.positionalArguments();
    const bool isFile = arguments.size() == 1 && arguments.front().endsWith(u".driftlens"_s);
    if (isFile) {
        window.workbench().openSession(arguments.front());
    } else {
        const Session session = sessionOf(parser, options);
        if (!session.isEmpty()) window.setSession(session);
    }
    if (parser.isSet(options.run) || takesPicture) {
        const auto run = [&window] { window.workbench().run(); };
        if (isFile) {
            QObject::connect(&window.workbench(), &Workbench::opened, &window, run);
        } else {
            QTimer::singleShot(0, &window, run);
        }
    }
    return QApplication::exec();
}

// Everything of ours is destroyed and closed when this returns.
int run(int argc, char** argv) {
    TimedApplication application(argc, argv);
    // Qt takes the user's locale over; numbers in model files have points whatever it says.
    std::setlocale(LC_NUMERIC, "C");
    QCoreApplication::setApplicationName(u"driftlens-gui"_s);

    QCommandLineParser parser;
    parser.setApplicationDescription(
        u"Why a language model answered, and what compression did to its reasons."_s);
    parser.addHelpOption();
    parser.addPositionalArgument(u"REFERENCE"_s, u"model folder, GGUF file, or a session file"_s,
                                 u"[REFERENCE"_s);
    parser.addPositionalArgument(u"VARIANT"_s, u"PATH, or PATH@SCHEME such as PATH@int4:group=32"_s,
                                 u"[VARIANT…]]"_s);
    const GuiOptions options;
    options.addTo(parser);
    if (!parser.parse(QCoreApplication::arguments())) {
        return complain(ErrorKind::Usage, parser.errorText() + u"; see --help"_s);
    }
    if (parser.isSet(u"help"_s)) parser.showHelp();
    return parser.isSet(options.bench) ? benchPainting() : open(application, parser, options);
}

}  // namespace
}  // namespace driftlens

// Where a crash happened, for a report of it: the C library says at most what. Addresses are those
// of this build; addr2line names them.
void sayWhere(int signal) {
    constexpr int kFrames = 64;
    void* frames[kFrames];
    ::backtrace_symbols_fd(frames, ::backtrace(frames, kFrames), STDERR_FILENO);
    std::signal(signal, SIG_DFL);
    std::raise(signal);
}

// Qt's thread pool waits for the jobs, not for the end of their thread, which frees MKL's buffers
// last of all. At a common exit that runs beside the destruction of LibTorch's own statics, and one
// of fifty runs aborted there: so the program ends without them.
int main(int argc, char** argv) {
    void* frame = nullptr;
    ::backtrace(&frame, 1);  // loads what it needs now, not in the middle of a crash
    for (const int signal : {SIGABRT, SIGSEGV, SIGBUS}) std::signal(signal, &sayWhere);
    const int code = driftlens::run(argc, argv);
    std::fflush(nullptr);
    std::_Exit(code);
}
