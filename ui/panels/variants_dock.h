// Which models are compared: one reference and any number of variants.
#pragma once

#include <QDockWidget>
#include <QStringList>

class QLineEdit;
class QListWidget;

namespace driftlens {

// The form of the models. It keeps texts as the user wrote them; nothing is read here.
class VariantsDock : public QDockWidget {
    Q_OBJECT
public:
    explicit VariantsDock(QWidget* parent);

    void setModels(const QString& reference, const QStringList& variants);
    QString reference() const;

    // Variants as the engine takes them: "@int8" alone means the reference with that scheme.
    QStringList variants() const;

private:
    QWidget* makeReferenceRow();
    QWidget* makeButtons();
    QString chooseFolder();
    QString chooseFile();
    void addVariant(const QString& text);
    void takeNewVariant();
    void removeSelected();

    QLineEdit* m_reference = nullptr;
    QListWidget* m_variants = nullptr;
    QLineEdit* m_new = nullptr;
};

}  // namespace driftlens
