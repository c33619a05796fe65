// Files that appear whole or not at all.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <sys/types.h>

namespace driftlens::audit {

// A file that gets its name when its content is complete and synchronised. It never replaces
// another one, and a process that dies before leaves nothing behind (where the file system has
// nameless files; else a file NAME.HEX).
class NewFile {
public:
    // Throws Error(Io).
    NewFile(std::filesystem::path file, mode_t mode);
    ~NewFile();
    NewFile(const NewFile&) = delete;
    NewFile& operator=(const NewFile&) = delete;

    // Throws Error(Io).
    void write(std::string_view bytes);

    // Gives it its name. False if there is a file of that name, which is left alone. Throws
    // Error(Io).
    bool publish();

private:
    std::filesystem::path m_file;
    std::string m_partial;  // its name meanwhile; empty if it has none
    int m_descriptor = -1;
};

// Writes all of it, or returns false with errno set.
bool writeAll(int descriptor, std::string_view content);

// Makes a new or renamed entry of the file's folder survive a loss of power.
void syncFolderOf(const std::filesystem::path& file);

// Throws Error(Io) for errno: "FILE: cannot DOING (reason); …".
[[noreturn]] void failOnFile(const std::filesystem::path& file, const char* doing);

}  // namespace driftlens::audit
