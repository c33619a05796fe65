// json, digest, random, parameters: each against published vectors or its contract.
#include "core/base/digest.h"
#include "core/base/error.h"
#include "core/base/json.h"
#include "core/base/parameters.h"
#include "core/base/random.h"
#include "core/base/text.h"

#include <gtest/gtest.h>

#include <functional>

namespace driftlens {
namespace {

ErrorKind kindOf(const std::function<void()>& work) {
    try {
        work();
    } catch (const Error& error) {
        return error.kind();
    }
    return ErrorKind::Internal;
}

TEST(Sha256, MatchesFips180Vectors) {
    EXPECT_EQ(toHex(sha256("abc")),
              "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    EXPECT_EQ(toHex(sha256("")),
              "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST(Philox, MatchesRandom123KnownAnswers) {
    EXPECT_EQ(philox4x32({0, 0, 0, 0}, {0, 0}),
              (std::array<std::uint32_t, 4>{0x6627e8d5U, 0xe169c58dU, 0xbc57ac4cU, 0x9b00dbd8U}));
    constexpr std::uint32_t kOnes = 0xffffffffU;
    EXPECT_EQ(philox4x32({kOnes, kOnes, kOnes, kOnes}, {kOnes, kOnes}),
              (std::array<std::uint32_t, 4>{0x408f276dU, 0x41c83b0eU, 0xa20bc7c6U, 0x6d5451fdU}));
}

TEST(RandomStream, DependsOnItsKeyAlone) {
    RandomStream a(7, "lime", 3);
    RandomStream b(7, "lime", 3);
    RandomStream other(7, "lime", 4);
    const std::uint64_t first = a.bits();
    EXPECT_EQ(first, b.bits());
    EXPECT_NE(first, other.bits());
}

TEST(ParseJson, RefusesWhatLibrariesLetPass) {
    for (const std::string text :
         {R"({"a":1,"a":2})", R"({"a":1} x)", R"(["\ud800"])", "[1e400]", "[18446744073709551616]",
          "\xEF\xBB\xBF{}", "[\"\xff\"]", "{\"a\":}", ""}) {
        EXPECT_EQ(kindOf([&] { parseJson(text, "t"); }), ErrorKind::InputFile) << text;
    }
    EXPECT_EQ(kindOf([&] { parseJson(std::string(100000, '['), "t"); }), ErrorKind::InputFile);
    EXPECT_EQ(parseJson(R"({"a":[1,-2,3.5,null,"é"]})", "t")["a"].size(), 5U);
}

TEST(CanonicalJson, SortsByUtf16UnitsAndRefusesFloats) {
    Json value;
    value["\xEF\xAC\xB3"] = 1;      // U+FB33
    value["\xF0\x9F\x98\x80"] = 2;  // U+1F600: its surrogates sort before U+FB33
    EXPECT_EQ(canonicalJson(value), "{\"\xF0\x9F\x98\x80\":2,\"\xEF\xAC\xB3\":1}");
    EXPECT_THROW(canonicalJson(Json(0.5)), Error);
    EXPECT_THROW(canonicalJson(Json(std::int64_t{1} << 53)), Error);
}

TEST(ExactNumber, ReadsBackAsTheSameDouble) {
    for (const double value : {0.1, 1e-7, 1e300, -0.0, 5e-324}) {
        EXPECT_EQ(std::strtod(exactNumber(value).c_str(), nullptr), value);
    }
}

TEST(ParameterSet, NamesTheSettingAndWhatIsAllowed) {
    constexpr ParameterInfo kTable[] = {{"nodes", ParameterKind::Integer, "50", 1, 100, "", ""}};
    EXPECT_EQ(ParameterSet("m", kTable, {}).integer("nodes"), 50);
    EXPECT_THROW(ParameterSet("m", kTable, {{"nodes", "0"}}), Error);
    EXPECT_THROW(ParameterSet("m", kTable, {{"nodes", "5x"}}), Error);
    EXPECT_THROW(ParameterSet("m", kTable, {{"noodles", "5"}}), Error);
    EXPECT_EQ(parseNamedSettings("a:b=\"x,y\",c=2", "t").settings.at("b"), "x,y");
    EXPECT_THROW(parseNamedSettings("a:b=1,b=2", "t"), Error);
    EXPECT_THROW(parseNamedSettings("a:b=1,", "t"), Error);
}

TEST(Error, KindsHaveTheExitCodesOfTheManual) {
    EXPECT_EQ(exitCode(ErrorKind::Usage), 2);
    EXPECT_EQ(exitCode(ErrorKind::InputFile), 3);
    EXPECT_EQ(exitCode(ErrorKind::Unsupported), 4);
    EXPECT_EQ(exitCode(ErrorKind::Tampered), 5);
    EXPECT_EQ(exitCode(ErrorKind::Io), 8);
    EXPECT_EQ(exitCode(ErrorKind::Numeric), 9);
    EXPECT_EQ(exitCode(ErrorKind::Internal), 70);
    EXPECT_EQ(exitCode(ErrorKind::Cancelled), 130);
    EXPECT_EQ(std::string(Error(ErrorKind::Usage, "a\nb").what()), "a b");
}

}  // namespace
}  // namespace driftlens
