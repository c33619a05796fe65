"""statement.py CHECKERS STATEMENT.json: reads an in-toto statement as in-toto's own message, which
refuses a member that it does not know, and validates it; says what is wrong and exits 1 then."""

import pathlib
import sys


def main(checkers, path):
    sys.path.insert(0, checkers)
    from google.protobuf import json_format
    from in_toto_attestation.v1.statement import Statement
    from in_toto_attestation.v1.statement_pb2 import Statement as Message

    try:
        message = json_format.Parse(pathlib.Path(path).read_text(encoding="utf-8"), Message())
        Statement.copy_from_pb(message).validate()
    except (json_format.ParseError, ValueError) as fault:
        print(fault)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
