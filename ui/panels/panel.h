// What every tab is: a place that is empty, busy, wrong, or shows something.
#pragma once

#include "ui/models/result.h"

#include <QImage>
#include <QWidget>

#include <functional>

class QLabel;
class QStackedWidget;

namespace driftlens {

enum class PanelState { Empty, Busy, Failed, Content };
enum class CopyFormat { PlainText, Picture, SvgText, JsonText };

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

    // What is shown, for other programs; empty where a format makes no sense.
    virtual QString asText() const { return {}; }
    virtual QString asSvg() const { return {}; }
    virtual QString asJson() const { return {}; }
    virtual QImage asImage() const;
    // Whether there is something in that form, for menus: they open without making it.
    virtual bool has(CopyFormat format) const = 0;
    bool hasContent() const { return m_hasContent; }  // shown, or hidden by what is newer
    bool copy(CopyFormat format) const;               // to the clipboard; false: nothing to copy

Q_SIGNALS:
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
};

}  // namespace driftlens
