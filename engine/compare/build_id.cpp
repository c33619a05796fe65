#include "engine/compare/build_id.h"

#include "core/base/digest.h"

#include <elf.h>
#include <link.h>
#include <span>
#include <string_view>

namespace driftlens {
namespace {

constexpr std::size_t kAlignment = 4;

std::size_t padded(std::size_t size) {
    return (size + kAlignment - 1) / kAlignment * kAlignment;
}

// The build id among the notes of one segment; empty if there is none.
std::string buildIdIn(std::span<const std::uint8_t> notes) {
    constexpr std::string_view kOwner("GNU\0", 4);
    while (notes.size() >= sizeof(ElfW(Nhdr))) {
        const auto* note = reinterpret_cast<const ElfW(Nhdr)*>(notes.data());
        const std::size_t name = sizeof(ElfW(Nhdr));
        const std::size_t value = name + padded(note->n_namesz);
        const std::size_t end = value + padded(note->n_descsz);
        if (end > notes.size()) return {};
        const std::string_view owner(reinterpret_cast<const char*>(notes.data()) + name,
                                     note->n_namesz);
        if (note->n_type == NT_GNU_BUILD_ID && owner == kOwner)
            return toHex(notes.subspan(value, note->n_descsz));
        notes = notes.subspan(end);
    }
    return {};
}

// The first object is the program itself.
int readProgram(dl_phdr_info* program, std::size_t, void* out) {
    for (int i = 0; i < program->dlpi_phnum; ++i) {
        const ElfW(Phdr)& segment = program->dlpi_phdr[i];
        if (segment.p_type != PT_NOTE) continue;
        const auto* begin =
            reinterpret_cast<const std::uint8_t*>(program->dlpi_addr + segment.p_vaddr);
        std::string found = buildIdIn({begin, segment.p_memsz});
        if (found.empty()) continue;
        *static_cast<std::string*>(out) = std::move(found);
        break;
    }
    return 1;
}

}  // namespace

std::string buildId() {
    std::string out = "unknown";
    dl_iterate_phdr(&readProgram, &out);
    return out;
}

}  // namespace driftlens
