// The figures and tables of one explanation, under one another.
#pragma once

#include "ui/models/explanation_details.h"

#include <QWidget>

class QVBoxLayout;

namespace driftlens {

// GUI thread only.
class DetailsView : public QWidget {
    Q_OBJECT
public:
    explicit DetailsView(QWidget* parent);
    void setDetails(const ExplanationDetails& details);

private:
    void addTitle(const QString& text);
    void addTable(const DetailTable& table);

    QVBoxLayout* m_layout = nullptr;
};

}  // namespace driftlens
