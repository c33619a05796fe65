#include "ui/widgets/parameter_form.h"

#include "ui/widgets/text.h"

#include <QComboBox>
#include <QFormLayout>
#include <QLabel>
#include <QLineEdit>
#include <QSpinBox>

#include <algorithm>
#include <limits>

namespace driftlens {

ParameterForm::ParameterForm(QWidget* parent) : QWidget(parent) {
    m_layout = new QFormLayout(this);
    m_layout->setContentsMargins(0, 0, 0, 0);
}

void ParameterForm::setTable(std::span<const ParameterInfo> table,
                             const std::map<std::string, std::string>& given) {
    while (m_layout->rowCount() > 0) m_layout->removeRow(0);
    m_fields.clear();
    for (const ParameterInfo& parameter : table) {
        const auto found = given.find(std::string(parameter.name));
        QWidget* field =
            makeField(parameter, found == given.end() ? qtText(parameter.fallback)
                                                      : QString::fromStdString(found->second));
        const QString tip = QStringLiteral("%1\n%2").arg(
            qtText(parameter.meaning), QString::fromStdString(allowedValues(parameter)));
        field->setToolTip(tip);
        field->setAccessibleName(qtText(parameter.name));
        field->setAccessibleDescription(tip);
        auto* label = new QLabel(qtText(parameter.name), this);
        label->setToolTip(tip);
        label->setBuddy(field);
        m_layout->addRow(label, field);
    }
}

QWidget* ParameterForm::makeField(const ParameterInfo& parameter, const QString& value) {
    if (parameter.kind == ParameterKind::Choice) {
        auto* box = new QComboBox(this);
        box->addItems(qtText(parameter.choices).split(u'|'));
        if (box->findText(value) < 0) box->addItem(value);
        box->setCurrentText(value);
        connect(box, &QComboBox::currentIndexChanged, this, &ParameterForm::changed);
        m_fields.push_back({&parameter, [box] { return box->currentText(); }});
        return box;
    }
    bool isInteger = false;
    const int number = value.toInt(&isInteger);
    if (parameter.kind == ParameterKind::Integer && isInteger) {
        constexpr double kMost = std::numeric_limits<int>::max();
        auto* box = new QSpinBox(this);
        box->setRange(static_cast<int>(std::clamp(parameter.low, -kMost, kMost)),
                      static_cast<int>(std::clamp(parameter.high, -kMost, kMost)));
        box->setValue(number);
        box->setKeyboardTracking(false);
        connect(box, &QSpinBox::valueChanged, this, &ParameterForm::changed);
        m_fields.push_back({&parameter, [box] { return QString::number(box->value()); }});
        return box;
    }
    // Numbers as text: their ranges span magnitudes, and the engine checks them with its own words.
    auto* line = new QLineEdit(value, this);
    connect(line, &QLineEdit::editingFinished, this, &ParameterForm::changed);
    m_fields.push_back({&parameter, [line] { return line->text().trimmed(); }});
    return line;
}

std::map<std::string, std::string> ParameterForm::values() const {
    std::map<std::string, std::string> out;
    for (const Field& field : m_fields) {
        const QString value = field.value();
        if (value != qtText(field.parameter->fallback))
            out[std::string(field.parameter->name)] = value.toStdString();
    }
    return out;
}

}  // namespace driftlens
