#include "tests/engine/audit/failing_vfs.h"

#include <sqlite3.h>

namespace driftlens {
namespace {

std::int64_t operationsLeft = 0;
bool staysBroken = false;
sqlite3_vfs* real = nullptr;

bool failsNow() {
    --operationsLeft;
    return operationsLeft == 0 || (operationsLeft < 0 && staysBroken);
}

// The file of the real VFS lies behind it in the same memory.
struct File {
    sqlite3_file base;
    sqlite3_file* inner;
};

sqlite3_file* innerOf(sqlite3_file* file) {
    return reinterpret_cast<File*>(file)->inner;
}

int closeFile(sqlite3_file* file) {
    return innerOf(file)->pMethods->xClose(innerOf(file));
}

int readFile(sqlite3_file* file, void* bytes, int count, sqlite3_int64 at) {
    return innerOf(file)->pMethods->xRead(innerOf(file), bytes, count, at);
}

int writeFile(sqlite3_file* file, const void* bytes, int count, sqlite3_int64 at) {
    const bool fails = failsNow();
    const int written = fails ? count / 2 : count;
    const int code = innerOf(file)->pMethods->xWrite(innerOf(file), bytes, written, at);
    return fails ? SQLITE_IOERR_WRITE : code;
}

int truncateFile(sqlite3_file* file, sqlite3_int64 size) {
    if (failsNow()) return SQLITE_IOERR_TRUNCATE;
    return innerOf(file)->pMethods->xTruncate(innerOf(file), size);
}

int syncFile(sqlite3_file* file, int flags) {
    if (failsNow()) return SQLITE_IOERR_FSYNC;
    return innerOf(file)->pMethods->xSync(innerOf(file), flags);
}

int fileSize(sqlite3_file* file, sqlite3_int64* size) {
    return innerOf(file)->pMethods->xFileSize(innerOf(file), size);
}

int lockFile(sqlite3_file* file, int kind) {
    return innerOf(file)->pMethods->xLock(innerOf(file), kind);
}

int unlockFile(sqlite3_file* file, int kind) {
    return innerOf(file)->pMethods->xUnlock(innerOf(file), kind);
}

int checkReservedLock(sqlite3_file* file, int* isReserved) {
    return innerOf(file)->pMethods->xCheckReservedLock(innerOf(file), isReserved);
}

int controlFile(sqlite3_file* file, int operation, void* argument) {
    return innerOf(file)->pMethods->xFileControl(innerOf(file), operation, argument);
}

int sectorSize(sqlite3_file* file) {
    return innerOf(file)->pMethods->xSectorSize(innerOf(file));
}

int characteristics(sqlite3_file* file) {
    return innerOf(file)->pMethods->xDeviceCharacteristics(innerOf(file));
}

sqlite3_io_methods methodsOfFile() {
    sqlite3_io_methods methods{};
    methods.iVersion = 1;
    methods.xClose = &closeFile;
    methods.xRead = &readFile;
    methods.xWrite = &writeFile;
    methods.xTruncate = &truncateFile;
    methods.xSync = &syncFile;
    methods.xFileSize = &fileSize;
    methods.xLock = &lockFile;
    methods.xUnlock = &unlockFile;
    methods.xCheckReservedLock = &checkReservedLock;
    methods.xFileControl = &controlFile;
    methods.xSectorSize = &sectorSize;
    methods.xDeviceCharacteristics = &characteristics;
    return methods;
}

int openFile(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* outFlags) {
    static const sqlite3_io_methods methods = methodsOfFile();
    (void)vfs;
    auto* own = reinterpret_cast<File*>(file);
    own->inner = reinterpret_cast<sqlite3_file*>(own + 1);
    const int code = real->xOpen(real, name, own->inner, flags, outFlags);
    own->base.pMethods = own->inner->pMethods ? &methods : nullptr;
    return code;
}

int deleteFile(sqlite3_vfs* vfs, const char* name, int syncFolder) {
    (void)vfs;
    if (failsNow()) return SQLITE_IOERR_DELETE;
    return real->xDelete(real, name, syncFolder);
}

}  // namespace

struct FailingVfs::Shim {
    sqlite3_vfs vfs{};
};

FailingVfs::FailingVfs(std::int64_t n, Then then) : m_shim(std::make_unique<Shim>()) {
    real = sqlite3_vfs_find(nullptr);
    operationsLeft = n;
    staysBroken = then == Then::StaysBroken;
    sqlite3_vfs& vfs = m_shim->vfs;
    vfs = *real;
    vfs.zName = "driftlens-failing";
    vfs.pNext = nullptr;
    vfs.szOsFile = static_cast<int>(sizeof(File)) + real->szOsFile;
    vfs.xOpen = &openFile;
    vfs.xDelete = &deleteFile;
    sqlite3_vfs_register(&vfs, 1);
}

FailingVfs::~FailingVfs() {
    sqlite3_vfs_unregister(&m_shim->vfs);
    sqlite3_vfs_register(real, 1);
}

bool FailingVfs::hasFailed() const {
    return operationsLeft <= 0;
}

}  // namespace driftlens
