#!/usr/bin/env python3
"""What compression does to models that others trained: one table, scheme by scheme.

    python3 tests/science/fixture_table.py DRIFTLENS SHARED [ROWS] > table.md

DRIFTLENS is the program, SHARED the folder of fixtures. Runs `compare --data` with the default
yardsticks on sst2-encoder (all 872 sentences) and on the first ROWS (200) rows of three trained
fixtures, Integrated Gradients with 20 nodes, one thread. Standard library only.
"""
import csv
import json
import os
import struct
import subprocess
import sys
import tempfile

SCHEMES = ["int8", "int4:group=32", "int3:group=32", "prune_magnitude:sparsity=0.5",
           "prune_magnitude:sparsity=0.7"]
METHOD = "integrated_gradients"
TRAINED = [("spam-distilbert", "heldout.csv"), ("shakespeare-gpt2", "heldout.txt"),
           ("sentiment-bert", "heldout.csv")]
SST2_CONFIG = {
    "model_type": "driftlens", "task": "classification", "id2label": {"0": "negative", "1": "positive"},
    "vocab_size": 30522, "hidden_size": 128, "max_positions": 64, "layers": 2, "heads": 2,
    "head_dim": 64, "mlp_size": 256, "final_norm": False, "pooler": "tanh",
    "names": {"embeddings.tokens": "token_embedding.weight",
              "embeddings.positions": "position_embedding.weight",
              "blocks.N.attn_norm": "encoder.layers.N.norm1",
              "blocks.N.attn.out_proj": "encoder.layers.N.self_attn.out_proj",
              "blocks.N.mlp_norm": "encoder.layers.N.norm2",
              "blocks.N.mlp.up_proj": "encoder.layers.N.linear1",
              "blocks.N.mlp.down_proj": "encoder.layers.N.linear2", "head": "classifier"}}
for part in "qkv":
    for kind in ("weight", "bias"):
        SST2_CONFIG["names"][f"blocks.N.attn.{part}_proj.{kind}"] = \
            f"encoder.layers.N.self_attn.in_proj_{kind}[qkv]"


def write_sst2(shared, folder):
    """The fixture as a model folder whose table has a row for each of the tokenizer's ids."""
    source = os.path.join(shared, "data", "sst2-encoder")
    with open(os.path.join(source, "model.safetensors"), "rb") as file:
        header = json.loads(file.read(struct.unpack("<Q", file.read(8))[0]))
        body = file.read()
    header.pop("__metadata__", None)
    with open(os.path.join(source, "vocab_mapping.json")) as file:
        new_ids = json.load(file)["old_to_new"]
    parts, offset = [], 0
    for name, tensor in sorted(header.items()):
        begin, end = tensor["data_offsets"]
        data = body[begin:end]
        if name == "token_embedding.weight":
            row = 4 * tensor["shape"][1]
            ids = [new_ids.get(str(i), 1) for i in range(30522)]
            data = b"".join(data[i * row:(i + 1) * row] for i in ids)
            tensor["shape"][0] = len(ids)
        tensor["data_offsets"] = [offset, offset + len(data)]
        offset += len(data)
        parts.append(data)
    text = json.dumps(dict(sorted(header.items()))).encode()
    text += b" " * (-len(text) % 8)
    model = os.path.join(folder, "sst2-encoder")
    os.makedirs(model)
    with open(os.path.join(model, "model.safetensors"), "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + b"".join(parts))
    with open(os.path.join(model, "config.json"), "w") as file:
        json.dump(SST2_CONFIG, file)
    vocabulary = os.path.join(shared, "data", "tokenizers", "bert_base_uncased_vocab.txt")
    with open(vocabulary, "rb") as file, open(os.path.join(model, "vocab.txt"), "wb") as out:
        out.write(file.read())
    rows = os.path.join(folder, "sst2.csv")
    with open(os.path.join(source, "sst2_sentences.txt"), encoding="utf-8") as file, \
            open(rows, "w", newline="", encoding="utf-8") as out:
        table = csv.writer(out)
        table.writerow(["text", "label"])
        for line in file:
            _, label, text = line.rstrip("\n").split("\t")
            table.writerow([text, ["negative", "positive"][int(label)]])
    return model, rows


def long_lines(source, target):
    """Lines of more than 30 bytes: names of speakers explain nothing."""
    with open(source, "rb") as file, open(target, "wb") as out:
        out.writelines(line for line in file if len(line.rstrip(b"\n")) > 30)
    return target


def compare(program, model, data, rows):
    command = [program, "compare", model] + [f"{model}@{scheme}" for scheme in SCHEMES]
    command += ["--data", data, "--most", str(rows), "--method", f"{METHOD}:nodes=20", "--threads",
                "1", "--batch", "16", "--json", "--quiet"]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True)
    if done.returncode != 0:
        sys.exit(f"fixture_table: {' '.join(command)} ended with {done.returncode}")
    return json.loads(done.stdout.splitlines()[-1])


def number(value, digits=3):
    return "—" if value is None else f"{value:.{digits}g}"


def interval(figure, digits=3):
    return f"{number(figure['value'], digits)} ({number(figure['low'], digits)} to " \
           f"{number(figure['high'], digits)})"


def largest(figures):
    known = [value for value in figures.values() if value is not None]
    return number(max(known), 2) if known else "—"


def control(yard):
    noise = yard["noise"]
    precision = "bf16 " + number(yard["precision"].get("bfloat16"), 2)
    if noise is None or noise["not_applicable"] or not noise["drifts"]:
        return precision + "; noise n/a"
    drifts = sorted(noise["drifts"])
    return f"{precision}; noise {number(drifts[len(drifts) // 2], 2)}, own {number(noise['own'], 2)}"


def row_of(variant):
    figures, verdict = variant["figures"], "—"
    agreement = figures[METHOD]["spearman"]
    for each in variant["verdicts"]:
        if each["endpoint"] == METHOD + ".spearman":
            verdict = each["verdict"]
            if each.get("against_noise"):
                verdict += ", " + each["against_noise"]
    yard = agreement["yardsticks"]
    estimation = {**yard["estimation"], **yard["disagreement"]}
    return [variant["model"].split("@")[-1], interval(figures["flip_rate"]),
            interval(figures["kl"], 2), interval(agreement, 4), largest(yard["repeatability"]),
            f"{largest(yard['estimation'])} / {largest(estimation)}", control(yard),
            number(yard["margin"], 2), verdict]


def main():
    if len(sys.argv) not in (3, 4):
        sys.exit(__doc__)
    program, shared = os.path.abspath(sys.argv[1]), sys.argv[2]
    rows = int(sys.argv[3]) if len(sys.argv) == 4 else 200
    titles = ["scheme", "flip rate (95 %)", "KL, nats (95 %)", "Spearman (95 %)", "repeatability",
              "estimation / other methods", "control", "margin δ", "verdict on Spearman"]
    with tempfile.TemporaryDirectory() as scratch:
        runs = [(*write_sst2(shared, scratch), 872)]
        runs += [(os.path.join(shared, "data", "trained", name),
                  os.path.join(shared, "data", "trained", name, data), rows) for name, data in TRAINED]
        for model, data, most in runs:
            if data.endswith(".txt"):
                data = long_lines(data, os.path.join(scratch, "lines.txt"))
            result = compare(program, model, data, most)
            print(f"\n**{os.path.basename(model)}**, {result['examples']} rows, "
                  f"{result['seconds']:.0f} s\n")
            print("| " + " | ".join(titles) + " |\n|" + "---|" * len(titles))
            for variant in result["variants"]:
                print("| " + " | ".join(row_of(variant)) + " |", flush=True)


main()
