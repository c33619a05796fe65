#include "core/base/run_context.h"

#include "core/base/error.h"

#include <utility>

namespace driftlens {

RunContext::RunContext(std::stop_token stop, Progress progress)
    : m_stop(std::move(stop)), m_progress(std::move(progress)) {}

void RunContext::throwIfStopped() const {
    if (m_stop.stop_requested()) {
        throw Error(ErrorKind::Cancelled, "cancelled: the run was stopped before it finished");
    }
}

void RunContext::checkpoint(double fraction, std::string_view stage) const {
    throwIfStopped();
    if (m_progress) m_progress(m_begin + (m_end - m_begin) * fraction, stage);
}

RunContext RunContext::part(double begin, double end) const {
    RunContext inner = *this;
    inner.m_begin = m_begin + (m_end - m_begin) * begin;
    inner.m_end = m_begin + (m_end - m_begin) * end;
    return inner;
}

}  // namespace driftlens
