// One step of the undo stack: the session before and after.
#pragma once

#include "ui/models/session.h"

#include <QUndoCommand>

#include <functional>

namespace driftlens {

// What changes in a row becomes one step: typing a prompt is not undone letter by letter.
enum class EditKind { Single = -1, Prompt = 1, Target, Methods, Log, Data };

class SessionEdit : public QUndoCommand {
public:
    using Apply = std::function<void(const Session&)>;

    SessionEdit(const QString& what, EditKind kind, Session before, Session after, Apply apply)
        : QUndoCommand(what),
          m_kind(kind),
          m_before(std::move(before)),
          m_after(std::move(after)),
          m_apply(std::move(apply)) {}

    void undo() override { m_apply(m_before); }
    void redo() override { m_apply(m_after); }
    int id() const override { return static_cast<int>(m_kind); }
    bool mergeWith(const QUndoCommand* other) override {
        if (other->id() != id()) return false;
        m_after = static_cast<const SessionEdit*>(other)->m_after;
        if (m_after == m_before) setObsolete(true);
        return true;
    }

private:
    EditKind m_kind;
    Session m_before, m_after;
    Apply m_apply;
};

}  // namespace driftlens
