// The Data set tab: from a file to verdicts.
#pragma once

#include "core/base/error.h"
#include "ui/models/dataset_view.h"
#include "ui/panels/panel.h"
#include "ui/panels/registry.h"
#include "ui/widgets/dataset_form.h"

#include <QTimer>

class QComboBox;
class QLabel;
class QPushButton;
class QTabWidget;
class QTableView;

namespace driftlens {

class CardList;

class DatasetPanel : public Panel {
    Q_OBJECT
public:
    DatasetPanel(const PanelEntry& entry, Workbench& workbench, QWidget* parent);

    void plan();
    void run();
    DatasetForm& form() { return *m_form; }
    ExamplesModel& examples() { return *m_examples; }
    const DatasetResultPtr& result() const { return m_result; }
    QString message() const;

    bool has(CopyFormat format) const override;
    CopyWork copyWork(CopyFormat format) const override;

protected:
    bool showResult(const ResultPtr&) override { return false; }

private:
    QWidget* makeSide();
    QWidget* makeExamples();
    QWidget* makeCharts();
    void listen();
    void showFile();
    void begin();
    void showExamples(const ExampleRows& rows);
    void showCharts();
    void finish(const DatasetResultPtr& result);
    void fail(ErrorKind kind, const QString& message);
    void updateButtons();
    void showVerdicts();

    Workbench& m_workbench;
    QString m_runFile;  // whose rows are shown
    QString m_file;
    DatasetSetup m_setup;  // of the run that is shown
    QStringList m_variants;
    double m_margin = 0.1;
    DatasetResultPtr m_result;
    QTimer m_redraw;
    DatasetForm* m_form = nullptr;
    QLabel *m_name = nullptr, *m_message = nullptr, *m_count = nullptr;
    QPushButton *m_plan = nullptr, *m_run = nullptr, *m_cancel = nullptr;
    QTabWidget* m_views = nullptr;
    CardList* m_verdicts = nullptr;
    QComboBox* m_filterBox = nullptr;
    QTableView* m_table = nullptr;
    ExamplesModel* m_examples = nullptr;
    ExamplesFilter* m_filter = nullptr;
    Chart *m_scatter = nullptr, *m_histogram = nullptr, *m_pareto = nullptr;
};

}  // namespace driftlens
