// SQLite on a disk that fails.
#pragma once

#include <cstdint>
#include <memory>

namespace driftlens {

// While it lives, connections that this process opens go through it, and the n-th write, sync,
// truncation or deletion fails: half of a write is done, the others are not. One at a time.
class FailingVfs {
public:
    enum class Then { Works, StaysBroken };

    FailingVfs(std::int64_t n, Then then);
    ~FailingVfs();
    FailingVfs(const FailingVfs&) = delete;
    FailingVfs& operator=(const FailingVfs&) = delete;

    bool hasFailed() const;

private:
    struct Shim;
    std::unique_ptr<Shim> m_shim;
};

}  // namespace driftlens
