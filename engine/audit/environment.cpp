#include "engine/audit/environment.h"

#include "core/base/text.h"

#include <array>
#include <cerrno>
#include <cstdio>
#include <ctime>
#include <pwd.h>
#include <unistd.h>
#include <vector>

namespace driftlens::audit {
namespace {

constexpr std::int64_t kNanosecondsPerSecond = 1'000'000'000;
constexpr std::int64_t kSecondsPerDay = 86'400;

std::string userName(uid_t user) {
    std::vector<char> buffer(16384);
    passwd entry{};
    passwd* found = nullptr;
    if (getpwuid_r(user, &entry, buffer.data(), buffer.size(), &found) != 0 || !found) return {};
    return entry.pw_name;
}

std::string hostName() {
    std::array<char, 256> name{};
    if (gethostname(name.data(), name.size() - 1) != 0) return {};
    return name.data();
}

int utcOffsetMinutes() {
    const std::time_t now = std::time(nullptr);
    std::tm local{};
    if (!localtime_r(&now, &local)) return 0;
    return static_cast<int>(local.tm_gmtoff / 60);
}

}  // namespace

Json describeActor() {
    const uid_t user = getuid();
    return {{"user", asUtf8(userName(user))},
            {"uid", static_cast<std::int64_t>(user)},
            {"host", asUtf8(hostName())},
            {"program", asUtf8(program_invocation_short_name)},
            {"pid", static_cast<std::int64_t>(getpid())}};
}

Json describeClock() {
    return {{"wall", "CLOCK_REALTIME"},
            {"monotonic", "CLOCK_MONOTONIC"},
            {"utc_offset_minutes", utcOffsetMinutes()}};
}

std::string utcNow() {
    return utcDaysAgo(0);
}

std::string utcDaysAgo(std::int64_t days) {
    std::timespec now{};
    clock_gettime(CLOCK_REALTIME, &now);
    now.tv_sec -= days * kSecondsPerDay;
    std::tm utc{};
    gmtime_r(&now.tv_sec, &utc);
    std::array<char, 32> seconds{};
    std::strftime(seconds.data(), seconds.size(), "%Y-%m-%dT%H:%M:%S", &utc);
    std::array<char, 48> text{};
    std::snprintf(text.data(), text.size(), "%s.%09ldZ", seconds.data(), now.tv_nsec);
    return text.data();
}

std::int64_t monotonicNanoseconds() {
    std::timespec now{};
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * kNanosecondsPerSecond + now.tv_nsec;
}

std::string asUtf8(std::string text) {
    if (isValidUtf8(text)) return text;
    for (char& c : text) {
        if (static_cast<unsigned char>(c) >= 0x80) c = '?';
    }
    return text;
}

}  // namespace driftlens::audit
