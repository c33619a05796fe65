// What the window shows before there is a session.
#pragma once

#include <QStringList>
#include <QWidget>

class QListWidget;

namespace driftlens {

class StartPage : public QWidget {
    Q_OBJECT
public:
    explicit StartPage(QWidget* parent);
    void setRecent(const QStringList& files);

Q_SIGNALS:
    void sampleWanted();
    void modelWanted();
    void fileWanted();
    void recentWanted(const QString& file);

private:
    QListWidget* m_recent = nullptr;
    QWidget* m_recentTitle = nullptr;
};

}  // namespace driftlens
