#include "engine/audit/sidecar_file.h"

#include "core/base/error.h"
#include "core/base/file_descriptor.h"
#include "core/base/text.h"
#include "engine/audit/database.h"
#include "engine/audit/new_file.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>

namespace driftlens::audit {
namespace {

constexpr std::size_t kMaxSecretBytes = 65536;

std::string readUpTo(int descriptor, std::size_t maxBytes, std::uint64_t from) {
    std::string text(maxBytes, '\0');
    std::size_t filled = 0;
    while (filled < maxBytes) {
        const ssize_t got = ::pread(descriptor, text.data() + filled, maxBytes - filled,
                                    static_cast<off_t>(from + filled));
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) break;
        filled += static_cast<std::size_t>(got);
    }
    text.resize(filled);
    return text;
}

std::filesystem::path beside(const std::filesystem::path& log, const char* ending) {
    std::filesystem::path file = log;
    file += ending;
    return file;
}

}  // namespace

std::filesystem::path checkpointFileOf(const std::filesystem::path& log) {
    return beside(log, ".checkpoints");
}

std::filesystem::path keyFileOf(const std::filesystem::path& log) {
    return beside(log, ".key");
}

std::filesystem::path nextKeyFileOf(const std::filesystem::path& log) {
    return beside(log, ".key.next");
}

bool hasContent(const std::filesystem::path& file) {
    std::error_code failure;
    const auto bytes = std::filesystem::file_size(file, failure);
    return !failure && bytes > 0;
}

bool isBeingWritten(const std::filesystem::path& file) {
    const FileDescriptor descriptor(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (descriptor.get() < 0) return false;
    return ::flock(descriptor.get(), LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
}

std::string readTail(const std::filesystem::path& file, std::size_t maxBytes) {
    if (!hasContent(file)) return {};
    const FileDescriptor descriptor(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    struct stat info = {};
    if (descriptor.get() < 0 || ::fstat(descriptor.get(), &info) != 0) {
        throw Error(ErrorKind::InputFile,
                    inQuotes(file.string(), 200) + ": cannot be read; check its permissions");
    }
    const auto bytes = static_cast<std::uint64_t>(info.st_size);
    const std::uint64_t wanted = std::min<std::uint64_t>(bytes, maxBytes);
    return readUpTo(descriptor.get(), static_cast<std::size_t>(wanted), bytes - wanted);
}

std::optional<std::string> readSecretFile(const std::filesystem::path& file) {
    const FileDescriptor descriptor(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (descriptor.get() < 0) {
        if (errno == ENOENT || errno == EACCES) return std::nullopt;
        failOnFile(file, "be read");
    }
    struct stat info = {};
    if (::fstat(descriptor.get(), &info) != 0) failOnFile(file, "be read");
    if ((info.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
        throw Error(ErrorKind::Io,
                    inQuotes(file.string(), 200) +
                        ": a signing key that others may use; chmod 600 it, and begin "
                        "a new log if they might have");
    }
    return readUpTo(descriptor.get(), kMaxSecretBytes, 0);
}

bool createSecretFile(const std::filesystem::path& file, std::string_view content) {
    NewFile secret(file, S_IRUSR | S_IWUSR);
    secret.write(content);
    return secret.publish();
}

void replaceSecretFile(const std::filesystem::path& file, const std::filesystem::path& by) {
    if (::rename(by.c_str(), file.c_str()) != 0) failOnFile(file, "be replaced");
    syncFolderOf(file);
}

void removeSecretFile(const std::filesystem::path& file) {
    if (::unlink(file.c_str()) != 0 && errno != ENOENT) failOnFile(file, "be removed");
}

SidecarFile::SidecarFile(std::filesystem::path file)
    : m_file(std::move(file)),
      m_descriptor(::open(m_file.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0644)) {
    if (m_descriptor < 0) fail("be opened");
    if (size() == 0) syncFolderOf(m_file);
}

SidecarFile::~SidecarFile() {
    ::close(m_descriptor);
}

void SidecarFile::fail(const char* doing) const {
    failOnFile(m_file, doing);
}

SidecarFile::Lock::Lock(const SidecarFile& file) : m_descriptor(file.m_descriptor) {
    using namespace std::chrono;
    const auto until = steady_clock::now() + milliseconds(kBusyTimeoutMilliseconds);
    while (::flock(m_descriptor, LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK && errno != EINTR) file.fail("be locked");
        if (steady_clock::now() > until) {
            throw Error(ErrorKind::Io, inQuotes(file.m_file.string(), 200) +
                                           ": another program is using the log; try again when "
                                           "it is done");
        }
        std::this_thread::sleep_for(milliseconds(1));
    }
}

SidecarFile::Lock::~Lock() {
    ::flock(m_descriptor, LOCK_UN);
}

std::uint64_t SidecarFile::size() const {
    struct stat info = {};
    if (::fstat(m_descriptor, &info) != 0) fail("be read");
    return static_cast<std::uint64_t>(info.st_size);
}

std::string SidecarFile::tail(std::size_t maxBytes) const {
    const std::uint64_t bytes = size();
    const std::uint64_t wanted = std::min<std::uint64_t>(bytes, maxBytes);
    return readUpTo(m_descriptor, static_cast<std::size_t>(wanted), bytes - wanted);
}

void SidecarFile::cutTo(std::uint64_t bytes) {
    if (::ftruncate(m_descriptor, static_cast<off_t>(bytes)) != 0) fail("be repaired");
}

void SidecarFile::append(std::string_view text) {
    const std::uint64_t before = size();
    if (writeAll(m_descriptor, text) && ::fdatasync(m_descriptor) == 0) return;
    const int reason = errno;
    if (::ftruncate(m_descriptor, static_cast<off_t>(before)) == 0) ::fdatasync(m_descriptor);
    errno = reason;
    fail("be written: the record is in the log, but not its checkpoint");
}

}  // namespace driftlens::audit
