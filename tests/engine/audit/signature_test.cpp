// Published vectors: RFC 6962 (tree), RFC 8032 (Ed25519), C2SP signed-note (key text).
#include "engine/audit/signature.h"

#include "core/base/error.h"
#include "engine/audit/checkpoint.h"
#include "engine/audit/merkle.h"
#include "engine/audit/record.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <vector>

namespace driftlens::audit {
namespace {

std::string bytesFromHex(std::string_view hex) {
    const auto bytes = fromHex(hex);
    return {bytes.begin(), bytes.end()};
}

template <std::size_t n>
std::array<std::uint8_t, n> arrayFromHex(std::string_view hex) {
    std::array<std::uint8_t, n> out{};
    const auto bytes = fromHex(hex);
    std::copy(bytes.begin(), bytes.end(), out.begin());
    return out;
}

std::vector<Sha256> leavesOf(std::size_t count) {
    const std::vector<std::string> data = {"",
                                           "00",
                                           "10",
                                           "2021",
                                           "3031",
                                           "40414243",
                                           "5051525354555657",
                                           "606162636465666768696a6b6c6d6e6f"};
    std::vector<Sha256> leaves;
    for (std::size_t i = 0; i < count; ++i) leaves.push_back(leafOf(bytesFromHex(data[i])));
    return leaves;
}

std::vector<Sha256> manyLeaves(std::size_t count) {
    std::vector<Sha256> leaves;
    for (std::size_t i = 0; i < count; ++i) leaves.push_back(leafOf(std::to_string(i)));
    return leaves;
}

TEST(Merkle, RootsAgreeWithRfc6962) {
    const std::vector<std::pair<std::size_t, const char*>> roots = {
        {0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
        {1, "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"},
        {2, "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"},
        {3, "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77"},
        {5, "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4"},
        {8, "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"}};
    for (const auto& [count, root] : roots) EXPECT_EQ(toHex(merkleRoot(leavesOf(count))), root);
}

TEST(Merkle, EveryInclusionProofHoldsForItsPlaceAlone) {
    for (std::size_t size = 1; size <= 20; ++size) {
        const std::vector<Sha256> leaves = manyLeaves(size);
        const Sha256 root = merkleRoot(leaves);
        const auto total = static_cast<std::int64_t>(size);
        for (std::size_t i = 0; i < size; ++i) {
            const std::vector<Sha256> proof = inclusionProof(leaves, i);
            for (std::int64_t at = -1; at <= total; ++at) {
                const bool isHere = at == static_cast<std::int64_t>(i);
                EXPECT_EQ(isIncluded(leaves[i], at, total, proof, root), isHere);
            }
            EXPECT_FALSE(isIncluded(leafOf("x"), static_cast<std::int64_t>(i), total, proof, root));
        }
    }
}

TEST(Merkle, EveryConsistencyProofHoldsForItsSizesAlone) {
    const std::vector<Sha256> all = manyLeaves(20);
    const Sha256 other = leafOf("other");
    for (std::size_t size = 1; size <= all.size(); ++size) {
        const std::span leaves = std::span(all).first(size);
        const Sha256 root = merkleRoot(leaves);
        const auto to = static_cast<std::int64_t>(size);
        for (std::size_t old = 1; old <= size; ++old) {
            const Sha256 oldRoot = merkleRoot(leaves.first(old));
            const auto from = static_cast<std::int64_t>(old);
            const std::vector<Sha256> proof = consistencyProof(leaves, old);
            EXPECT_TRUE(isConsistent(from, oldRoot, to, root, proof)) << old << " in " << size;
            EXPECT_FALSE(isConsistent(from, other, to, root, proof));
            EXPECT_FALSE(isConsistent(from, oldRoot, to, other, proof));
        }
    }
}

struct Ed25519Vector {
    const char *seed, *key, *message, *signature;
};

// RFC 8032, 7.1: tests 1 to 3.
constexpr std::array<Ed25519Vector, 3> kEd25519 = {{
    {"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
     "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
     "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b"
     "4"
     "6bd25bf5f0595bbe24655141438e7a100b"},
    {"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
     "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
     "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11"
     "d"
     "8c387b2eaeb4302aeeb00d291612bb0c00"},
    {"c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
     "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
     "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc"
     "6"
     "594a7c15e9716ed28dc027beceea1ec40a"},
}};

TEST(Ed25519, AgreesWithRfc8032) {
    for (const Ed25519Vector& vector : kEd25519) {
        const SigningKey key = SigningKey::fromSeed(arrayFromHex<32>(vector.seed));
        EXPECT_EQ(toHex(key.publicKey()), vector.key);
        const std::string message = bytesFromHex(vector.message);
        const Signature signature = key.sign(message);
        EXPECT_EQ(toHex(signature), vector.signature);
        const VerifierKey verifier{"name", key.publicKey()};
        EXPECT_TRUE(verifier.verifies(message, signature));
        EXPECT_FALSE(verifier.verifies(message + "x", signature));
    }
}

TEST(VerifierKey, ReadsAndWritesTheTextOfSignedNote) {
    // The example key of the Go package golang.org/x/mod/sumdb/note.
    const std::string text = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
    const VerifierKey key = VerifierKey::parse(text + "\n");
    EXPECT_EQ(key.name, "PeterNeumann");
    EXPECT_EQ(key.text(), text);
    for (const char* bad : {"", "a", "a+b",
                            "PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/"
                            "LDE4izWy10TW",
                            "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10T"}) {
        EXPECT_THROW(VerifierKey::parse(bad), Error) << bad;
    }
}

TEST(Checkpoint, VerifiesTheExampleOfSignedNote) {
    // The same package's example: another text than a checkpoint, but the same signature line.
    const VerifierKey key =
        VerifierKey::parse("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW");
    const std::string bytes = fromBase64(
        "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnA"
        "M=");
    Signature signature{};
    std::copy(bytes.begin() + 4, bytes.end(), signature.begin());
    EXPECT_EQ(bytes.substr(0, 4), bytesOf(key.id()));
    EXPECT_TRUE(
        key.verifies("If you think cryptography is the answer to your problem,\n"
                     "then you don't know what your problem is.\n",
                     signature));
}

TEST(Checkpoint, NeverChangesItsText) {
    const SigningKey key = SigningKey::fromSeed(arrayFromHex<32>(kEd25519[0].seed));
    const Checkpoint checkpoint{originOf("00"), 3, merkleRoot(leavesOf(3))};
    const std::string note = signedNote(checkpoint, {&key});
    EXPECT_TRUE(note.starts_with(
        "driftlens/00\n3\nrra8/idLcKFPsGel5VeCZNsPqbUa9eC6FZFY8yngbnc=\n\n\xe2\x80\x94 "
        "driftlens/00 "));
    const SignedCheckpoint read = parseCheckpoint(note);
    EXPECT_EQ(read.checkpoint, checkpoint);
    EXPECT_TRUE(read.isSignedBy({"driftlens/00", key.publicKey()}));
    EXPECT_FALSE(read.isSignedBy({"driftlens/01", key.publicKey()}));
}

TEST(Checkpoint, RefusesWhatIsNone) {
    const SigningKey key = SigningKey::random();
    const std::string note = signedNote({originOf("00"), 3, Sha256{}}, {&key});
    const auto refuse = [](const std::string& text) {
        EXPECT_THROW(parseCheckpoint(text), Error) << text;
    };
    refuse("");
    refuse(note.substr(1 + note.find('\n')));
    refuse(note + "\nmore");
    for (const char* size : {"-3", "03", "3.0", "", "99999999999999999999"}) {
        std::string other = note;
        refuse(other.replace(other.find("\n3\n") + 1, 1, size));
    }
}

TEST(Base64, HasOneTextForEveryValue) {
    for (const char* text : {"", "Zg==", "Zm8=", "Zm9v", "+/8="}) {
        EXPECT_EQ(toBase64(fromBase64(text)), text);
    }
    for (const char* text : {"Zh==", "Zg", "Zg=", " Zm9v", "Zm9v\n", "Zm9*", "===="}) {
        EXPECT_THROW(fromBase64(text), Error) << text;
    }
}

}  // namespace
}  // namespace driftlens::audit
