#include "ui/models/report_text.h"

#include "ui/widgets/text.h"

#include <QStringList>

#include <variant>

namespace driftlens {
namespace {

using namespace Qt::StringLiterals;

// One overload per kind of block; a figure is what it says in words.
struct BlockText {
    QString operator()(const Subheading& block) const { return qtText(block.text); }
    QString operator()(const Paragraph& block) const { return qtText(block.text); }
    QString operator()(const Callout& block) const {
        return u"%1: %2"_s.arg(qtText(block.label), qtText(block.text));
    }
    QString operator()(const BulletList& block) const {
        QStringList out;
        for (const std::string& item : block.items) {
            const QString mark = block.isNumbered ? u"%1."_s.arg(out.size() + 1) : QString(u'–');
            out.push_back(mark + u' ' + qtText(item));
        }
        return out.join(u'\n');
    }
    QString operator()(const FactTable& block) const {
        QStringList out;
        for (const Fact& fact : block.facts)
            out.push_back(qtText(fact.name) + u'\t' + qtText(fact.value));
        return out.join(u'\n');
    }
    QString operator()(const Table& block) const {
        QStringList lines = {qtText(block.caption)};
        QStringList cells;
        for (const Column& column : block.columns) cells.push_back(qtText(column.title));
        lines.push_back(cells.join(u'\t'));
        for (const std::vector<std::string>& row : block.rows) {
            cells.clear();
            for (const std::string& cell : row) cells.push_back(qtText(cell));
            lines.push_back(cells.join(u'\t'));
        }
        return lines.join(u'\n');
    }
    QString operator()(const FigureBlock& block) const {
        return u"%1: %2"_s.arg(qtText(block.title), qtText(block.description));
    }
    QString operator()(const CodeBlock& block) const { return qtText(block.text); }
};

}  // namespace

QString reportPlainText(const ReportLayout& layout) {
    QStringList out = {qtText(layout.title), qtText(layout.subtitle),
                       u"SHA-256 %1"_s.arg(qtText(layout.sha256))};
    for (std::size_t i = 0; i < layout.sections.size(); ++i) {
        out.push_back(u"%1  %2"_s.arg(i + 1).arg(qtText(layout.sections[i].title)));
        for (const Block& block : layout.sections[i].blocks)
            out.push_back(std::visit(BlockText{}, block));
    }
    return out.join(u"\n\n"_s) + u'\n';
}

}  // namespace driftlens
