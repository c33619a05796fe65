"""model_index.py FILE: reads the metadata of a model card by PyYAML, and holds it to what the Hub and
huggingface_hub read of a model-index (model_index_to_eval_results): says what is wrong and exits 1,
or prints nothing. With --json it prints what it read instead."""

import json
import pathlib
import sys

import yaml


def faults(card):
    if set(card) != {"model-index"} or not isinstance(card["model-index"], list):
        return ["model-index: a list is wanted, and nothing else"]
    out = []

    def need(place, value, keys):
        for key, kind in keys.items():
            if not isinstance(value.get(key), kind) or isinstance(value.get(key), bool):
                out.append(f"{place}: {key} is {value.get(key)!r}, not {kind}")

    for model in card["model-index"]:
        need("model", model, {"name": str, "results": list})
        for result in model["results"]:
            place = model["name"]
            need(place, result, {"task": dict, "dataset": dict, "metrics": list})
            need(place + ", task", result["task"], {"type": str})
            need(place + ", dataset", result["dataset"], {"type": str, "name": str})
            for metric in result["metrics"]:
                need(place + ", metric", metric, {"type": str, "name": str, "value": (int, float)})
    return out


def main(path, *options):
    try:
        card = yaml.safe_load(pathlib.Path(path).read_text(encoding="utf-8"))
    except yaml.YAMLError as fault:
        print(fault)
        return 1
    if options:
        print(json.dumps(card))
        return 0
    found = faults(card)
    print("\n".join(found), end="\n" if found else "")
    return 1 if found else 0


sys.exit(main(*sys.argv[1:]))
