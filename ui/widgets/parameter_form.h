// A form made from a row of a table: its parameters become fields with their ranges and defaults.
#pragma once

#include "core/base/parameters.h"

#include <QWidget>

#include <functional>
#include <map>
#include <string>
#include <vector>

class QFormLayout;

namespace driftlens {

// The table it was given outlives it: rows are static. GUI thread only.
class ParameterForm : public QWidget {
    Q_OBJECT
public:
    explicit ParameterForm(QWidget* parent);

    void setTable(std::span<const ParameterInfo> table,
                  const std::map<std::string, std::string>& given);

    // Those that differ from their defaults.
    std::map<std::string, std::string> values() const;

Q_SIGNALS:
    void changed();

private:
    QWidget* makeField(const ParameterInfo& parameter, const QString& value);

    struct Field {
        const ParameterInfo* parameter;
        std::function<QString()> value;
    };
    QFormLayout* m_layout = nullptr;
    std::vector<Field> m_fields;
};

}  // namespace driftlens
