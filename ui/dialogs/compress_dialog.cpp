#include "ui/dialogs/compress_dialog.h"

#include "core/base/error.h"
#include "engine/schemes/scheme.h"
#include "engine/variants/variant.h"
#include "ui/widgets/parameter_form.h"
#include "ui/widgets/text.h"

#include <QComboBox>
#include <QDialogButtonBox>
#include <QLabel>
#include <QPushButton>
#include <QVBoxLayout>

namespace driftlens {

CompressDialog::CompressDialog(const QString& model, QWidget* parent)
    : QDialog(parent), m_model(model) {
    setWindowTitle(tr("Compress %1").arg(model));
    auto* layout = new QVBoxLayout(this);
    m_scheme = new QComboBox(this);
    m_scheme->setAccessibleName(tr("Scheme"));
    for (const SchemeEntry& scheme : schemes())
        m_scheme->addItem(qtText(scheme.title), qtText(scheme.id));
    auto* label = new QLabel(tr("&Scheme"), this);
    label->setBuddy(m_scheme);
    m_summary = new QLabel(this);
    m_problem = new QLabel(this);
    for (QLabel* each : {m_summary, m_problem}) each->setWordWrap(true);
    m_form = new ParameterForm(this);
    m_buttons = new QDialogButtonBox(QDialogButtonBox::Ok | QDialogButtonBox::Cancel, this);
    m_buttons->button(QDialogButtonBox::Ok)->setText(tr("&Add variant"));
    for (QWidget* each :
         std::initializer_list<QWidget*>{label, m_scheme, m_summary, m_form, m_problem, m_buttons})
        layout->addWidget(each);
    layout->insertStretch(4);
    connect(m_buttons, &QDialogButtonBox::accepted, this, &QDialog::accept);
    connect(m_buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    connect(m_scheme, &QComboBox::currentIndexChanged, this, &CompressDialog::showScheme);
    connect(m_form, &ParameterForm::changed, this, &CompressDialog::check);
    m_scheme->setCurrentIndex(std::max(0, m_scheme->findData(QStringLiteral("int4"))));
    showScheme();
    resize(420, 300);
}

void CompressDialog::showScheme() {
    const SchemeEntry& scheme = schemeNamed(m_scheme->currentData().toString().toStdString());
    m_summary->setText(qtText(scheme.summary));
    m_form->setTable(scheme.parameters, {});
    check();
}

void CompressDialog::check() {
    QString problem;
    try {
        static_cast<void>(VariantSpec::parse("model@" + scheme().toStdString()));
    } catch (const Error& error) {
        problem = QString::fromUtf8(error.what());
    }
    m_problem->setText(problem);
    m_buttons->button(QDialogButtonBox::Ok)->setEnabled(problem.isEmpty());
}

QString CompressDialog::scheme() const {
    return QString::fromStdString(
        formatNamedSettings(m_scheme->currentData().toString().toStdString(), m_form->values()));
}

}  // namespace driftlens
