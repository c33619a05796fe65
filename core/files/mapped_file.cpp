#include "core/files/mapped_file.h"

#include "core/base/error.h"
#include "core/base/file_descriptor.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <string>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace driftlens {
namespace {

[[noreturn]] void throwInput(const std::filesystem::path& file, const std::string& reason) {
    throw Error(ErrorKind::InputFile, file.string() + ": " + reason);
}

[[noreturn]] void throwIo(const std::filesystem::path& file, const char* step) {
    throw Error(ErrorKind::Io, file.string() + ": cannot " + step + ": " + std::strerror(errno));
}

void writeAll(int descriptor, std::string_view content, const std::filesystem::path& file) {
    while (!content.empty()) {
        const ssize_t written = ::write(descriptor, content.data(), content.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) throwIo(file, "write");
        content.remove_prefix(static_cast<std::size_t>(written));
    }
}

void syncFolder(const std::filesystem::path& folder) {
    const FileDescriptor descriptor(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (descriptor.get() >= 0) ::fsync(descriptor.get());
}

}  // namespace

std::shared_ptr<const MappedFile> MappedFile::open(const std::filesystem::path& file) {
    const FileDescriptor descriptor(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (descriptor.get() < 0) throwInput(file, std::strerror(errno));
    struct stat info = {};
    if (::fstat(descriptor.get(), &info) != 0) throwInput(file, std::strerror(errno));
    if (!S_ISREG(info.st_mode)) throwInput(file, "is not a regular file");
    const auto size = static_cast<std::size_t>(info.st_size);
    std::span<const std::byte> bytes;
    if (size > 0) {
        void* address = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, descriptor.get(), 0);
        if (address == MAP_FAILED)
            throwInput(file, std::string("cannot be mapped: ") + std::strerror(errno));
        bytes = {static_cast<const std::byte*>(address), size};
    }
    std::shared_ptr<const MappedFile> mapped(new MappedFile(file, bytes));
    // A file that shrank while it was mapped would end the process at the first read past its end.
    // One that shrinks later still does: weights must not be edited in place while they are in use.
    if (::fstat(descriptor.get(), &info) != 0 || static_cast<std::size_t>(info.st_size) != size) {
        throwInput(file, "changed its size while it was opened");
    }
    return mapped;
}

std::shared_ptr<const MappedFile> MappedFile::ofBytes(std::filesystem::path name,
                                                      std::span<const std::byte> bytes) {
    auto copy = std::make_unique<std::byte[]>(bytes.size());
    std::copy(bytes.begin(), bytes.end(), copy.get());
    std::shared_ptr<MappedFile> file(new MappedFile(std::move(name), {copy.get(), bytes.size()}));
    file->m_copy = std::move(copy);
    return file;
}

MappedFile::MappedFile(std::filesystem::path path, std::span<const std::byte> bytes)
    : m_path(std::move(path)), m_bytes(bytes) {}

MappedFile::~MappedFile() {
    if (!m_copy && !m_bytes.empty())
        ::munmap(const_cast<std::byte*>(m_bytes.data()), m_bytes.size());
}

void writeFileAtomically(const std::filesystem::path& file, std::string_view content) {
    const std::filesystem::path temporary = file.string() + ".part-" + std::to_string(::getpid());
    try {
        const FileDescriptor descriptor(
            ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
        if (descriptor.get() < 0) throwIo(file, "create");
        writeAll(descriptor.get(), content, file);
        if (::fsync(descriptor.get()) != 0) throwIo(file, "write");
        if (::rename(temporary.c_str(), file.c_str()) != 0) throwIo(file, "replace");
    } catch (...) {
        ::unlink(temporary.c_str());
        throw;
    }
    syncFolder(file.has_parent_path() ? file.parent_path() : std::filesystem::path("."));
}

}  // namespace driftlens
