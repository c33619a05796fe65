// The files that stand beside a log: its checkpoints, which only grow, and its signing key, which
// only its owner may read.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace driftlens::audit {

// LOG.checkpoints: signed notes, oldest first. LOG.key: the private key. LOG.key.next: the one that
// takes its place, while a rotation is under way.
std::filesystem::path checkpointFileOf(const std::filesystem::path& log);
std::filesystem::path keyFileOf(const std::filesystem::path& log);
std::filesystem::path nextKeyFileOf(const std::filesystem::path& log);

// Whether there is a file with at least one byte.
bool hasContent(const std::filesystem::path& file);

// Whether a writer holds its lock right now.
bool isBeingWritten(const std::filesystem::path& file);

// At most the last so many bytes; empty if there is no such file. Throws Error(InputFile) if it
// cannot be read.
std::string readTail(const std::filesystem::path& file, std::size_t maxBytes);

// The content; nothing if there is no such file or this user may not read it. Throws Error(Io) if
// the group or others may read it.
std::optional<std::string> readSecretFile(const std::filesystem::path& file);

// Creates it for its owner alone, whole and synchronised. False if it exists. Throws Error(Io).
bool createSecretFile(const std::filesystem::path& file, std::string_view content);

// Puts `by` in the place of `file` in one step, synchronised. Throws Error(Io).
void replaceSecretFile(const std::filesystem::path& file, const std::filesystem::path& by);

// Removes it if it is there. Throws Error(Io).
void removeSecretFile(const std::filesystem::path& file);

// A file that is only appended to, open for its one writer.
class SidecarFile {
public:
    // Creates it if there is none. Throws Error(Io).
    explicit SidecarFile(std::filesystem::path file);
    ~SidecarFile();
    SidecarFile(const SidecarFile&) = delete;
    SidecarFile& operator=(const SidecarFile&) = delete;

    // Held by whoever writes a record and its checkpoint, so that the two are one step for other
    // writers. Waits like a connection of the database does, then throws Error(Io). Released by the
    // system if the process dies.
    class Lock {
    public:
        explicit Lock(const SidecarFile& file);
        ~Lock();
        Lock(const Lock&) = delete;
        Lock& operator=(const Lock&) = delete;

    private:
        int m_descriptor;
    };

    // At most the last so many bytes.
    std::string tail(std::size_t maxBytes) const;

    // Cuts what a crash left of an append: everything after the first `bytes` bytes.
    void cutTo(std::uint64_t bytes);
    std::uint64_t size() const;

    // Appends and synchronises; after a failure the file is as before. Throws Error(Io).
    void append(std::string_view text);

private:
    [[noreturn]] void fail(const char* doing) const;

    std::filesystem::path m_file;
    int m_descriptor;
};

}  // namespace driftlens::audit
