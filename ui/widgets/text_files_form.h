// Fields for the files of texts that a method takes besides the prompt, made from its row of the
// table: a name where the option takes one, a path, a dialog.
#pragma once

#include "ui/models/session.h"

#include <QWidget>

#include <functional>
#include <span>
#include <vector>

class QGridLayout;
class QLineEdit;

namespace driftlens {

struct TextFileInfo;

// The table it was given outlives it: rows are static. GUI thread only.
class TextFilesForm : public QWidget {
    Q_OBJECT
public:
    explicit TextFilesForm(QWidget* parent);

    // Fields for the files whose option the table has; the others stay as they are.
    void setFiles(std::span<const TextFileInfo> table, const std::vector<SessionTexts>& files);
    // All of them, as the fields have them.
    const std::vector<SessionTexts>& files() const { return m_files; }

    // Asks which files are meant; tests put their own in.
    std::function<QStringList(const QString& title, bool isOne)> choose;

Q_SIGNALS:
    void changed();

private:
    void rebuild();
    void addFile(const TextFileInfo& info, std::size_t file);
    void addChooser(const TextFileInfo& info, bool hasFile);
    void chooseFor(const TextFileInfo& info);
    void remove(std::size_t file);
    QLineEdit* makeField(const QString& text, const QString& what, const QString& tip,
                         std::function<void(const QString&)> take);

    std::span<const TextFileInfo> m_table;
    std::vector<SessionTexts> m_files;
    QGridLayout* m_grid = nullptr;
    int m_rows = 0;
};

}  // namespace driftlens
