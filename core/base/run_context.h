// What a running job may be told and may tell: stop, and how far it is.
#pragma once

#include <functional>
#include <stop_token>
#include <string_view>

namespace driftlens {

// Passed by const reference through every computing call. Thread-safe if the progress function is;
// default-constructed it never stops and reports to nobody.
class RunContext {
public:
    // fraction in [0, 1] of the whole job; stage names what is being done ("integrated_gradients").
    using Progress = std::function<void(double fraction, std::string_view stage)>;

    RunContext() = default;
    explicit RunContext(std::stop_token stop, Progress progress = {});

    bool stopRequested() const noexcept { return m_stop.stop_requested(); }

    // Throws Error(Cancelled) if a stop was requested. Cheap: called in every Linear.
    void throwIfStopped() const;

    // throwIfStopped, then reports progress, mapped into this context's part of the whole.
    void checkpoint(double fraction, std::string_view stage) const;

    // A context that can be stopped with this one but reports nothing: cheap to keep.
    RunContext stopOnly() const { return RunContext(m_stop); }

    // A context for a part of the job that covers [begin, end] of this one's progress.
    RunContext part(double begin, double end) const;

private:
    std::stop_token m_stop;
    Progress m_progress;
    double m_begin = 0.0;
    double m_end = 1.0;
};

}  // namespace driftlens
