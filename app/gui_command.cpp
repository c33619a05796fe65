// gui: becomes the desktop program that lies beside this one.
#include "app/commands.h"
#include "core/base/error.h"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <unistd.h>

namespace driftlens {

int runGui(const Arguments& arguments) {
    std::error_code status;
    const std::filesystem::path self = std::filesystem::read_symlink("/proc/self/exe", status);
    std::string program = (self.parent_path() / "driftlens-gui").string();
    std::vector<std::string> kept = arguments;
    std::vector<char*> argv = {program.data()};
    for (std::string& argument : kept) argv.push_back(argument.data());
    argv.push_back(nullptr);
    ::execv(program.c_str(), argv.data());
    throw Error(ErrorKind::Io, program + ": cannot be started: " + std::strerror(errno));
}

}  // namespace driftlens
