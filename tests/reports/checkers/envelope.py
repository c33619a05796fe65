"""envelope.py CHECKERS ENVELOPE.json KEY STATEMENT.json: verifies a DSSE envelope with in-toto's own
library and the log's public key (NAME+ID+KEY), which must be the envelope's keyid, and writes the
statement that was signed. Says what is wrong and exits 1 then."""

import base64
import json
import pathlib
import sys


def main(checkers, path, key_text, statement_path):
    sys.path.insert(0, checkers)
    from securesystemslib import dsse, exceptions, signer

    bytes_of_key = base64.b64decode(key_text.split("+", 2)[2])
    if bytes_of_key[0] != 1 or len(bytes_of_key) != 33:  # 1: Ed25519, as C2SP's signed notes say
        print("no Ed25519 key")
        return 1
    key = signer.SSlibKey(key_text, "ed25519", "ed25519", {"public": bytes_of_key[1:].hex()})
    envelope = dsse.Envelope.from_dict(json.loads(pathlib.Path(path).read_text(encoding="utf-8")))
    try:
        envelope.verify([key], 1)
    except exceptions.VerificationError as fault:
        print(f"the signature does not hold: {fault}")
        return 1
    if envelope.payload_type != "application/vnd.in-toto+json":
        print(f"no in-toto statement but {envelope.payload_type}")
        return 1
    pathlib.Path(statement_path).write_bytes(envelope.payload)
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
