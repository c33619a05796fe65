// What every tab is: a place that is empty, busy, wrong, or shows something.
#pragma once

#include "ui/job_queue.h"
#include "ui/models/result.h"

#include <QImage>
#include <QWidget>

#include <functional>

class QLabel;
class QStackedWidget;

namespace driftlens {

enum class PanelState { Empty, Busy, Failed, Content };
enum class CopyFormat { PlainText, Picture, SvgText, JsonText };

// What goes to the clipboard: a text or a picture.
struct Copied {
    QString text;
    QImage image;
};
// Makes it, on a worker: of a large result that takes longer than a frame. So it holds values, and
// nothing of a widget or of an item model.
using CopyWork = std::function<Copied()>;
using TextWork = std::function<QString()>;
CopyWork copyOf(TextWork text);

// The interface that tabs share, and the pages for when there is nothing to show. A panel keeps
// what it shows while something newer is computed, and says so above it. GUI thread only.
class Panel : public QWidget {
    Q_OBJECT
public:
    // `whyEmpty` is what the empty page says.
    Panel(const QString& title, const QString& whyEmpty, QWidget* parent);

    void setEmpty(const QString& why = {});  // in place of what it says by itself
    void setBusy(const QString& what);
    void setError(const QString& message, const QString& advice);
    virtual void setResult(const ResultPtr& result);
    PanelState state() const { return m_state; }

    // Marks a token of the text, -1 none.
    virtual void pinToken(int token) { static_cast<void>(token); }
    virtual void showLayer(int layer) { static_cast<void>(layer); }
    virtual void setShowsValues(bool shows) { static_cast<void>(shows); }

    // A question for whoever closes the window while something is being written; empty: nothing is.
    virtual QString unfinished() const { return {}; }

    // Whether there is something in that form, for menus: they open without making it.
    virtual bool has(CopyFormat format) const = 0;
    // Called where has() says yes. A picture is what the content paints, if a panel has no other.
    virtual CopyWork copyWork(CopyFormat format) const;
    // What is copied in that form, made at once; empty where there is nothing.
    Copied inForm(CopyFormat format) const;
    QString asText() const { return inForm(CopyFormat::PlainText).text; }
    QString asSvg() const { return inForm(CopyFormat::SvgText).text; }
    QString asJson() const { return inForm(CopyFormat::JsonText).text; }
    bool hasContent() const { return m_hasContent; }  // shown, or hidden by what is newer
    // To the clipboard, as soon as it is made; of several the newest. False: nothing to copy.
    bool copy(CopyFormat format);
    bool isCopying() const { return m_copying.isBusy(); }

Q_SIGNALS:
    void said(const QString& line);  // for the status bar
    void tokenClicked(int token);
    void targetChosen(const QString& target);
    void promptChosen(const QString& prompt);  // to be run and shown
    void layerChosen(int layer);               // to be shown where attention is

protected:
    // The widget that shows results; to be called once, by the constructor.
    void setContent(QWidget* content);
    QWidget* content() const { return m_content; }
    void showContent();
    // A button under what the empty and the failed page say.
    void addWay(const QString& text, const std::function<void()>& act);

    // False: the result has nothing for this panel, which is empty then.
    virtual bool showResult(const ResultPtr& result) = 0;

    void contextMenuEvent(QContextMenuEvent* event) override;
    void changeEvent(QEvent* event) override;
    // The colours of the window are others now.
    virtual void themeChanged() {}

private:
    void paintLine();
    void putOnClipboard(CopyFormat format, const Copied& made, const QByteArray& bytes);
    void showMessage(PanelState state, const QString& line, const QString& more);

    QString m_title, m_whyEmpty;
    PanelState m_state = PanelState::Empty;
    bool m_hasContent = false;
    QStackedWidget* m_pages = nullptr;
    QWidget* m_content = nullptr;
    QLabel* m_banner = nullptr;
    QLabel* m_line = nullptr;
    QLabel* m_more = nullptr;
    QWidget* m_ways = nullptr;
    JobQueue m_copying{nullptr};
};

}  // namespace driftlens
