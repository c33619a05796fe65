#include "core/base/error.h"
#include "engine/audit/environment.h"
#include "engine/audit/log_state.h"
#include "engine/audit/sidecar_file.h"

#include <utility>

namespace driftlens {

using namespace audit;

// The new key is on the disk before the record that brings it in, and takes the old one's place
// after it: whenever the process dies, the key that the log names is there (Signer::begin).
std::string AuditLog::rotateKey() {
    State& state = *m_state;
    if (!state.signer) {
        throw Error(ErrorKind::Unsupported,
                    state.name + ": there is no key beside it that could hand over to a new one");
    }
    const std::filesystem::path file = nextKeyFileOf(state.file);
    SigningKey next = SigningKey::random();
    const VerifierKey key{state.signer->origin(), next.publicKey()};
    std::int64_t record = 0;
    const auto write = [&](const State::Append& append) {
        removeSecretFile(file);
        if (!next.save(file)) {
            throw Error(ErrorKind::Io, file.string() + ": another program made it just now");
        }
        const Signature signature =
            state.signer->key().sign(rotationMessage(state.signer->origin(), key));
        NewRecord rotation{fieldsOf(kKeyRotated, {})};
        rotation.fields.meta = {{"actor", describeActor()}, {"clock", describeClock()}};
        rotation.fields.body = {{"new_key", key.text()},
                                {"signature", toBase64(bytesOf(signature))}};
        record = append(rotation);
    };
    state.write(write, [&] {
        state.signer->rotate(std::move(next), record);
        replaceSecretFile(keyFileOf(state.file), file);
    });
    return key.text();
}

}  // namespace driftlens
