// An open file of the operating system.
#pragma once

#include <unistd.h>

namespace driftlens {

// Owns a file descriptor, or a negative number for none, and closes it at the end of a scope.
class FileDescriptor {
public:
    explicit FileDescriptor(int value) : m_value(value) {}
    ~FileDescriptor() {
        if (m_value >= 0) ::close(m_value);
    }
    FileDescriptor(const FileDescriptor&) = delete;
    FileDescriptor& operator=(const FileDescriptor&) = delete;
    int get() const { return m_value; }

private:
    int m_value;
};

}  // namespace driftlens
