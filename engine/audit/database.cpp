#include "engine/audit/database.h"

#include "core/base/error.h"
#include "core/base/text.h"

#include <sqlite3.h>

#include <array>
#include <utility>

namespace driftlens::audit {
namespace {

struct CodeRow {
    int code;  // SQLite's primary result code
    ErrorKind kind;
    std::string_view advice;
};

constexpr std::string_view kWritableAdvice = "check that the folder exists and is writable";

constexpr std::array<CodeRow, 12> kCodes = {{
    {SQLITE_BUSY, ErrorKind::Io, "another program is using the log; try again when it is done"},
    {SQLITE_LOCKED, ErrorKind::Io, "another program is using the log; try again when it is done"},
    {SQLITE_READONLY, ErrorKind::Io, kWritableAdvice},
    {SQLITE_CANTOPEN, ErrorKind::Io, kWritableAdvice},
    {SQLITE_PERM, ErrorKind::Io, kWritableAdvice},
    {SQLITE_FULL, ErrorKind::Io, "free some disk space; what was logged before is intact"},
    {SQLITE_IOERR, ErrorKind::Io, "check the disk; what was logged before is intact"},
    {SQLITE_NOMEM, ErrorKind::Io, "out of memory"},
    {SQLITE_NOTADB, ErrorKind::InputFile, "give the file of an audit log"},
    {SQLITE_CORRUPT, ErrorKind::Tampered, "its pages were damaged; run audit verify"},
    {SQLITE_TOOBIG, ErrorKind::Unsupported, "a row is larger than 256 MiB"},
    {SQLITE_ERROR, ErrorKind::Tampered, "it is not as Driftlens wrote it; run audit verify"},
}};

constexpr CodeRow kOtherCode = {0, ErrorKind::Internal, "this is a defect of Driftlens"};

const CodeRow& rowOf(int code) {
    for (const CodeRow& row : kCodes) {
        if (row.code == (code & 0xff)) return row;
    }
    return kOtherCode;
}

std::string nameOf(const std::filesystem::path& file) {
    return "audit log " + inQuotes(file.string(), 200);
}

void limit(sqlite3* handle, int id, std::size_t value) {
    sqlite3_limit(handle, id, static_cast<int>(value));
}

void harden(sqlite3* handle) {
    sqlite3_extended_result_codes(handle, 1);
    sqlite3_busy_timeout(handle, kBusyTimeoutMilliseconds);
    sqlite3_db_config(handle, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
    sqlite3_db_config(handle, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0, nullptr);
    sqlite3_db_config(handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
    limit(handle, SQLITE_LIMIT_LENGTH, kMaxRowBytes);
    limit(handle, SQLITE_LIMIT_SQL_LENGTH, 100'000);
    limit(handle, SQLITE_LIMIT_COLUMN, 100);
    limit(handle, SQLITE_LIMIT_EXPR_DEPTH, 50);
    limit(handle, SQLITE_LIMIT_COMPOUND_SELECT, 10);
    limit(handle, SQLITE_LIMIT_ATTACHED, 1);  // VACUUM needs one
    limit(handle, SQLITE_LIMIT_TRIGGER_DEPTH, 10);
    limit(handle, SQLITE_LIMIT_WORKER_THREADS, 0);
}

constexpr const char* kConnectionSettings =
    "PRAGMA trusted_schema=OFF;"
    "PRAGMA cell_size_check=ON;"
    "PRAGMA mmap_size=0;"
    "PRAGMA foreign_keys=ON;"
    "PRAGMA recursive_triggers=ON;";

void requireRegularFile(const std::filesystem::path& file, ErrorKind kind) {
    std::error_code failure;
    const auto status = std::filesystem::status(file, failure);
    if (!std::filesystem::exists(status)) {
        throw Error(kind, nameOf(file) + ": there is no such file; check the path");
    }
    if (!std::filesystem::is_regular_file(status)) {
        throw Error(kind, nameOf(file) + ": it is not a regular file; give the file of a log");
    }
}

}  // namespace

Database::Database(std::string name, int flags) : m_name(std::move(name)) {
    const std::string path = m_name;
    m_name = path == ":memory:" ? path : nameOf(path);
    const int code = sqlite3_open_v2(path.c_str(), &m_handle, flags | SQLITE_OPEN_NOMUTEX, nullptr);
    try {
        if (code != SQLITE_OK) fail("open it");
        harden(m_handle);
        execute(kConnectionSettings);
    } catch (...) {
        sqlite3_close_v2(m_handle);
        throw;
    }
}

Database Database::openReadOnly(const std::filesystem::path& file) {
    requireRegularFile(file, ErrorKind::InputFile);
    Database database(file.string(), SQLITE_OPEN_READONLY);
    if (!database.needsRollback()) return database;
    Database recovering(file.string(), SQLITE_OPEN_READWRITE);
    recovering.integer("PRAGMA schema_version");
    return database;
}

Database Database::openReadWrite(const std::filesystem::path& file) {
    std::error_code failure;
    if (std::filesystem::exists(file, failure)) requireRegularFile(file, ErrorKind::Io);
    Database database(file.string(), SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
    database.execute("PRAGMA secure_delete=ON; PRAGMA synchronous=EXTRA;");
    return database;
}

Database Database::inMemory() {
    return Database(":memory:", SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
}

bool Database::isHeld(const std::filesystem::path& file) {
    std::error_code failure;
    if (!std::filesystem::is_regular_file(file, failure)) return false;
    const Database database(file.string(), SQLITE_OPEN_READONLY);
    sqlite3_busy_timeout(database.m_handle, 0);
    const int code =
        sqlite3_exec(database.m_handle, "PRAGMA schema_version", nullptr, nullptr, nullptr);
    return (code & 0xff) == SQLITE_BUSY;
}

Database::~Database() {
    sqlite3_close_v2(m_handle);
}

Database::Database(Database&& other) noexcept
    : m_name(std::move(other.m_name)), m_handle(std::exchange(other.m_handle, nullptr)) {}

bool Database::needsRollback() {
    const int code = sqlite3_exec(m_handle, "PRAGMA schema_version", nullptr, nullptr, nullptr);
    if ((code & 0xff) == SQLITE_BUSY) fail("read it");  // it has waited, and need not again
    return sqlite3_extended_errcode(m_handle) == SQLITE_READONLY_ROLLBACK;
}

void Database::execute(const char* sql) {
    if (sqlite3_exec(m_handle, sql, nullptr, nullptr, nullptr) != SQLITE_OK) fail("use it");
}

std::int64_t Database::integer(std::string_view sql) {
    Statement statement(*this, sql);
    return statement.step() ? statement.integer(0) : 0;
}

std::string Database::text(std::string_view sql) {
    Statement statement(*this, sql);
    return statement.step() ? std::string(statement.text(0)) : std::string();
}

void Database::fail(std::string_view doing) const {
    const CodeRow& row = rowOf(m_handle ? sqlite3_extended_errcode(m_handle) : SQLITE_NOMEM);
    const std::string reason = m_handle ? sqlite3_errmsg(m_handle) : "out of memory";
    throw Error(row.kind, m_name + ": cannot " + std::string(doing) + " (" + reason + "); " +
                              std::string(row.advice));
}

Statement::Statement(Database& database, std::string_view sql) : m_database(&database) {
    const int code = sqlite3_prepare_v2(database.handle(), sql.data(), static_cast<int>(sql.size()),
                                        &m_statement, nullptr);
    if (code != SQLITE_OK) database.fail("read it");
}

Statement::~Statement() {
    sqlite3_finalize(m_statement);
}

Statement& Statement::bind(int index, std::int64_t value) {
    if (sqlite3_bind_int64(m_statement, index, value) != SQLITE_OK) m_database->fail("use it");
    return *this;
}

Statement& Statement::bindText(int index, std::string_view text) {
    const int code = sqlite3_bind_text64(m_statement, index, text.empty() ? "" : text.data(),
                                         text.size(), SQLITE_STATIC, SQLITE_UTF8);
    if (code != SQLITE_OK) m_database->fail("write it");
    return *this;
}

Statement& Statement::bindBlob(int index, std::string_view bytes) {
    // A null pointer would bind NULL instead of an empty blob.
    const int code = sqlite3_bind_blob64(m_statement, index, bytes.empty() ? "" : bytes.data(),
                                         bytes.size(), SQLITE_STATIC);
    if (code != SQLITE_OK) m_database->fail("write it");
    return *this;
}

bool Statement::step() {
    const int code = sqlite3_step(m_statement);
    if (code == SQLITE_ROW) return true;
    if (code == SQLITE_DONE) return false;
    m_database->fail(sqlite3_stmt_readonly(m_statement) ? "read it" : "write it");
}

void Statement::reset() {
    sqlite3_reset(m_statement);
}

std::int64_t Statement::integer(int column) const {
    return sqlite3_column_int64(m_statement, column);
}

std::string_view Statement::text(int column) const {
    const auto* bytes = reinterpret_cast<const char*>(sqlite3_column_text(m_statement, column));
    if (!bytes) return {};
    return {bytes, static_cast<std::size_t>(sqlite3_column_bytes(m_statement, column))};
}

std::string_view Statement::blob(int column) const {
    const auto* bytes = static_cast<const char*>(sqlite3_column_blob(m_statement, column));
    if (!bytes) return {};
    return {bytes, static_cast<std::size_t>(sqlite3_column_bytes(m_statement, column))};
}

Transaction::Transaction(Database& database, Mode mode) : m_database(&database) {
    database.execute(mode == Mode::Write ? "BEGIN IMMEDIATE" : "BEGIN");
}

Transaction::~Transaction() {
    // After some failures SQLite has rolled back already; then this has nothing to do.
    if (m_open) sqlite3_exec(m_database->handle(), "ROLLBACK", nullptr, nullptr, nullptr);
}

void Transaction::commit() {
    m_database->execute("COMMIT");
    m_open = false;
}

}  // namespace driftlens::audit
