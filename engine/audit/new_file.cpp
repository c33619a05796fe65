#include "engine/audit/new_file.h"

#include "core/base/digest.h"
#include "core/base/error.h"
#include "core/base/file_descriptor.h"
#include "core/base/text.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <unistd.h>
#include <utility>

namespace driftlens::audit {
namespace {

std::filesystem::path folderOf(const std::filesystem::path& file) {
    return file.has_parent_path() ? file.parent_path() : ".";
}

// How a file without a name is named by its descriptor.
std::string linkOf(int descriptor) {
    return "/proc/self/fd/" + std::to_string(descriptor);
}

}  // namespace

bool writeAll(int descriptor, std::string_view content) {
    while (!content.empty()) {
        const ssize_t written = ::write(descriptor, content.data(), content.size());
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return false;
        content.remove_prefix(static_cast<std::size_t>(written));
    }
    return true;
}

void syncFolderOf(const std::filesystem::path& file) {
    const FileDescriptor descriptor(
        ::open(folderOf(file).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (descriptor.get() >= 0) ::fsync(descriptor.get());
}

void failOnFile(const std::filesystem::path& file, const char* doing) {
    throw Error(ErrorKind::Io, inQuotes(file.string(), 200) + ": cannot " + doing + " (" +
                                   std::strerror(errno) +
                                   "); check that the folder is writable and has room");
}

NewFile::NewFile(std::filesystem::path file, mode_t mode) : m_file(std::move(file)) {
    m_descriptor = ::open(folderOf(m_file).c_str(), O_TMPFILE | O_WRONLY | O_CLOEXEC, mode);
    if (m_descriptor >= 0 && ::access(linkOf(m_descriptor).c_str(), F_OK) == 0) return;
    if (m_descriptor >= 0) ::close(m_descriptor);
    m_partial = m_file.string() + "." + toHex(randomBytes(8));
    m_descriptor = ::open(m_partial.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    if (m_descriptor < 0) failOnFile(m_file, "be created");
}

NewFile::~NewFile() {
    ::close(m_descriptor);
    if (!m_partial.empty()) ::unlink(m_partial.c_str());
}

void NewFile::write(std::string_view bytes) {
    if (!writeAll(m_descriptor, bytes)) failOnFile(m_file, "be written");
}

bool NewFile::publish() {
    if (::fsync(m_descriptor) != 0) failOnFile(m_file, "be written");
    // A link, unlike a rename, never replaces a file that another process has just made.
    const std::string from = m_partial.empty() ? linkOf(m_descriptor) : m_partial;
    const bool isNew =
        ::linkat(AT_FDCWD, from.c_str(), AT_FDCWD, m_file.c_str(), AT_SYMLINK_FOLLOW) == 0;
    if (!isNew && errno != EEXIST) failOnFile(m_file, "be created");
    syncFolderOf(m_file);
    return isNew;
}

}  // namespace driftlens::audit
