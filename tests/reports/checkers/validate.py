"""validate.py SCHEMA DOCUMENT: says what is wrong with a JSON document, a line each; exits 1 if
anything is. Other schemas that the schema names are read from its folder, none from the network."""

import json
import pathlib
import sys
import warnings

warnings.simplefilter("ignore", DeprecationWarning)
import jsonschema  # noqa: E402


def read(path):
    return json.loads(pathlib.Path(path).read_text(encoding="utf-8"))


def refuse(uri):
    raise RuntimeError(f"{uri} is in no file beside the schema")


def main(schema_path, document_path):
    schema = read(schema_path)
    store = {}
    for path in pathlib.Path(schema_path).parent.glob("*.schema.json"):
        own = read(path)
        store[own.get("$id", path.name)] = own
    resolver = jsonschema.RefResolver(
        schema.get("$id", ""), schema, store=store, handlers={"http": refuse, "https": refuse})
    draft = jsonschema.validators.validator_for(schema)
    draft.check_schema(schema)
    validator = draft(
        schema, resolver=resolver, format_checker=jsonschema.FormatChecker())
    errors = list(validator.iter_errors(read(document_path)))
    for error in errors:
        print(f"/{'/'.join(map(str, error.absolute_path))}: {error.message[:300]}")
    return 1 if errors else 0


sys.exit(main(*sys.argv[1:]))
