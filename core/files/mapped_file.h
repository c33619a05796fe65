// A read-only memory map of a file.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>
#include <string_view>

namespace driftlens {

// Maps a regular file; the map lives as long as the object. Thread-safe once made. A file of size
// zero maps to an empty span.
class MappedFile {
public:
    // Throws Error(InputFile) if the file is missing, not a regular file, or not readable.
    static std::shared_ptr<const MappedFile> open(const std::filesystem::path& file);

    // A copy of those bytes in the place of a file of that name.
    static std::shared_ptr<const MappedFile> ofBytes(std::filesystem::path name,
                                                     std::span<const std::byte> bytes);

    ~MappedFile();
    MappedFile(const MappedFile&) = delete;
    MappedFile& operator=(const MappedFile&) = delete;

    std::span<const std::byte> bytes() const { return m_bytes; }
    const std::filesystem::path& path() const { return m_path; }

private:
    MappedFile(std::filesystem::path path, std::span<const std::byte> bytes);

    std::filesystem::path m_path;
    std::span<const std::byte> m_bytes;
    std::unique_ptr<const std::byte[]> m_copy;  // the bytes, unless they are mapped
};

// Writes a file so that a reader sees the old content or the new one, never a part: temporary file
// beside it, fsync, rename. Throws Error(Io) with the path and the system's reason.
void writeFileAtomically(const std::filesystem::path& file, std::string_view content);

}  // namespace driftlens
