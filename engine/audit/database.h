// SQLite for the log alone: owning handles, hardened connections, errors translated to Error.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

struct sqlite3;
struct sqlite3_stmt;

namespace driftlens::audit {

// How long a connection waits for another program's lock.
inline constexpr int kBusyTimeoutMilliseconds = 5000;

// No row of a log is larger; a larger one in a hostile file is refused before it is read.
inline constexpr std::size_t kMaxRowBytes = std::size_t{1} << 28;

// One hardened connection (defensive, no extensions, no memory map, schema not trusted). Belongs to
// one thread at a time. SQLite's codes become Error kinds: not a database → InputFile, damaged
// pages → Tampered, locked, full or not writable → Io.
class Database {
public:
    // Throws Error(InputFile) if the file is missing or no regular file. A write that a crash cut
    // short is rolled back first; Error(Io) if that is needed and the file is not writable.
    static Database openReadOnly(const std::filesystem::path& file);

    // Creates an empty database if there is none; changes nothing yet otherwise. Throws Error(Io).
    static Database openReadWrite(const std::filesystem::path& file);

    static Database inMemory();

    // Whether another connection holds the file so that nothing of it can be read now. Does not
    // wait, and says no of a file that is not there.
    static bool isHeld(const std::filesystem::path& file);

    ~Database();
    Database(Database&& other) noexcept;
    Database& operator=(Database&&) = delete;

    // Runs statements that return nothing of interest.
    void execute(const char* sql);

    // The first column of the first row, e.g. of a PRAGMA; 0 or empty if there is no row.
    std::int64_t integer(std::string_view sql);
    std::string text(std::string_view sql);

    // Throws the Error for the last failed call; `doing` completes "audit log 'x': cannot …".
    [[noreturn]] void fail(std::string_view doing) const;

    sqlite3* handle() const { return m_handle; }

private:
    Database(std::string name, int flags);
    bool needsRollback();

    std::string m_name;  // quoted, for messages
    sqlite3* m_handle = nullptr;
};

// One prepared statement. Bound bytes must outlive the last step(); views that columns return end
// with the next step() or reset().
class Statement {
public:
    Statement(Database& database, std::string_view sql);
    ~Statement();
    Statement(const Statement&) = delete;
    Statement& operator=(const Statement&) = delete;

    Statement& bind(int index, std::int64_t value);
    Statement& bindText(int index, std::string_view text);
    Statement& bindBlob(int index, std::string_view bytes);

    bool step();  // true: there is a row
    void reset();

    std::int64_t integer(int column) const;
    std::string_view text(int column) const;
    std::string_view blob(int column) const;

private:
    Database* m_database;
    sqlite3_stmt* m_statement = nullptr;
};

// Rolls back when it goes out of scope, unless committed.
class Transaction {
public:
    enum class Mode { Read, Write };

    Transaction(Database& database, Mode mode);
    ~Transaction();
    Transaction(const Transaction&) = delete;
    Transaction& operator=(const Transaction&) = delete;

    void commit();

private:
    Database* m_database;
    bool m_open = true;
};

}  // namespace driftlens::audit
