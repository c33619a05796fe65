#include "core/base/allocator.h"

#ifdef DRIFTLENS_TCMALLOC
#include <gperftools/malloc_extension_c.h>
#else
#include <malloc.h>
#endif

namespace driftlens {

void returnFreedMemory() {
#ifdef DRIFTLENS_TCMALLOC
    MallocExtension_ReleaseFreeMemory();
#else
    ::malloc_trim(0);
#endif
}

}  // namespace driftlens
