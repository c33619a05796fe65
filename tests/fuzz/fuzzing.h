// What the fuzz targets share. A target is the function LLVMFuzzerTestOneInput in a file of its
// own: libFuzzer gives it bytes that it makes up, replay_test those that are committed. Whatever
// leaves it as an exception is a defect.
#pragma once

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/files/mapped_file.h"
#include "tests/support/program.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <fstream>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace driftlens::fuzz {

// What must hold whatever the bytes are.
inline void require(bool holds, const std::string& claim) {
    if (!holds) throw std::logic_error(claim);
}

// Runs a parser that may refuse its input, and nothing else.
template <typename Parse>
void mayRefuse(const Parse& parse) {
    try {
        parse();
    } catch (const Error& error) {
        constexpr std::size_t kLongest = 4096;
        const std::string_view message = error.what();
        require(error.kind() != ErrorKind::Internal, "internal error: " + std::string(message));
        require(!message.empty() && message.size() <= kLongest, "an error has some words");
        require(message.find_first_of("\r\n") == std::string_view::npos, "an error is one line");
        require(isValidUtf8(message), "an error is UTF-8");
    }
}

inline std::string_view textOf(const std::uint8_t* data, std::size_t size) {
    return {reinterpret_cast<const char*>(data), size};
}

inline std::shared_ptr<const MappedFile> fileOf(const std::uint8_t* data, std::size_t size) {
    return MappedFile::ofBytes("fuzzed", std::as_bytes(std::span(data, size)));
}

// Inputs of several files have this between them; files that are not there are empty.
constexpr std::string_view kCut = "\n-8<-\n";

template <std::size_t Count>
std::array<std::string_view, Count> filesOf(std::string_view text) {
    std::array<std::string_view, Count> out;
    for (std::string_view& part : out) {
        const std::size_t end = std::min(text.find(kCut), text.size());
        part = text.substr(0, end);
        text.remove_prefix(std::min(end + kCut.size(), text.size()));
    }
    return out;
}

// A folder whose files change with every input.
class Folder {
public:
    void write(const std::string& name, std::string_view content) const {
        std::ofstream file(m_scratch / name, std::ios::binary);
        file.write(content.data(), static_cast<std::streamsize>(content.size()));
        require(file.good(), "the scratch folder takes files");
    }
    void writeOrRemove(const std::string& name, std::string_view content) const {
        if (!content.empty()) return write(name, content);
        std::filesystem::remove(m_scratch / name);
    }
    const std::filesystem::path& path() const { return m_scratch.path(); }

private:
    ScratchFolder m_scratch;
};

// Accepted tensors lie in their file and share no byte.
inline void requireDisjoint(std::vector<std::span<const std::byte>> tensors,
                            std::span<const std::byte> file) {
    std::erase_if(tensors, [](const auto& bytes) { return bytes.empty(); });
    std::sort(tensors.begin(), tensors.end(),
              [](const auto& a, const auto& b) { return a.data() < b.data(); });
    const std::byte* free = file.data();
    std::size_t total = 0;
    for (const auto& bytes : tensors) {
        require(bytes.data() >= free, "no two tensors overlap");
        free = bytes.data() + bytes.size();
        total += bytes.size();
    }
    require(free <= file.data() + file.size() && total <= file.size(), "tensors lie in the file");
}

}  // namespace driftlens::fuzz
