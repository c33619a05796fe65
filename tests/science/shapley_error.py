#!/usr/bin/env python3
"""Error of sampled Shapley values against exact ones, by evaluations: a table and a plot.

    python3 tests/science/shapley_error.py DRIFTLENS SHARED PLOT.svg

The first 12 words of each of 20 held-out reviews, without those that have more or fewer than 12
tokens, explained by sentiment-bert; an error is the mean over tokens of |found − exact|, as a share
of the largest exact value, averaged over prompts. shap.KernelExplainer (l1_reg=False) plays the same
game through transformers. Needs shap, torch, transformers and matplotlib.
"""
import csv
import json
import os
import subprocess
import sys
import tempfile

import matplotlib
import numpy as np
import shap
import torch
from transformers import AutoModelForSequenceClassification, AutoTokenizer

matplotlib.use("svg")
import matplotlib.pyplot as plt  # noqa: E402  (after the backend is chosen)

PLAYERS, PROMPTS = 12, 20
EVALUATIONS = [50, 100, 200, 400, 800]
OURS = ["leverage_shap", "kernel_shap", "shapley_permutation"]
LABELS = {"leverage_shap": "leverage_shap (default)", "kernel_shap": "kernel_shap",
          "shapley_permutation": "shapley_permutation", "shap": "shap.KernelExplainer"}


def ours(driftlens, model, prompt, samples, seed):
    methods = ["shapley_exact"] + [f"{name}:samples={samples}" for name in OURS]
    with tempfile.TemporaryDirectory() as folder:
        out = os.path.join(folder, "e.json")
        command = [driftlens, "explain", model, "--prompt", prompt, "--threads", "1", "--quiet",
                   "--seed", str(seed), "--out", out]
        for method in methods:
            command += ["--method", method]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        with open(out, encoding="utf-8") as file:
            return json.load(file)


def scores_by_method(document):
    return {each["method"]: np.array([token["score"] for token in each["tokens"]])
            for each in document["results"]}


class Game:
    """Masks of the prompt's tokens → log-probability of its class, as Driftlens plays it."""

    def __init__(self, model, tokenizer, prompt):
        self.model, self.ids = model, tokenizer(prompt, return_tensors="pt")["input_ids"]
        self.mask = tokenizer.mask_token_id
        with torch.no_grad():
            self.target = int(model(self.ids).logits[0].argmax())

    def __call__(self, masks):
        rows = torch.as_tensor(np.asarray(masks)).bool()
        ids = self.ids.repeat(len(rows), 1)
        ids[:, 1:-1] = torch.where(rows, ids[:, 1:-1], torch.full_like(ids[:, 1:-1], self.mask))
        with torch.no_grad():
            return self.model(ids).logits.log_softmax(-1)[:, self.target].double().numpy()


def by_shap(game, samples, seed):
    np.random.seed(seed)
    explainer = shap.KernelExplainer(game, np.zeros((1, PLAYERS)))
    values = explainer.shap_values(np.ones((1, PLAYERS)), nsamples=samples, l1_reg=False, silent=True)
    return values[0]


def prompts_of(shared, tokenizer):
    path = os.path.join(shared, "data/trained/sentiment-bert/heldout.csv")
    with open(path, newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            ids = tokenizer(row["text"])["input_ids"][1:1 + PLAYERS]
            text = tokenizer.decode(ids)
            if len(ids) == PLAYERS and len(tokenizer(text)["input_ids"]) == PLAYERS + 2:
                yield text


def measure(driftlens, shared):
    model = os.path.join(shared, "data/trained/sentiment-bert")
    tokenizer = AutoTokenizer.from_pretrained(model)
    network = AutoModelForSequenceClassification.from_pretrained(model).eval()
    errors = {name: {n: [] for n in EVALUATIONS} for name in OURS + ["shap"]}
    for number, prompt in zip(range(PROMPTS), prompts_of(shared, tokenizer)):
        game = Game(network, tokenizer, prompt)
        for samples in EVALUATIONS:
            found = scores_by_method(ours(driftlens, model, prompt, samples, number))
            exact = found["shapley_exact"][1:-1]
            found = {name: found[name][1:-1] for name in OURS}
            found["shap"] = by_shap(game, samples, number)
            for name, values in found.items():
                errors[name][samples].append(abs(values - exact).mean() / abs(exact).max())
    return errors


def plot(errors, path):
    plt.rcParams["svg.hashsalt"] = "driftlens"
    figure, axes = plt.subplots(figsize=(6.4, 4.0))
    for (name, by_size), marker, style in zip(errors.items(), "os^D", ["-", "--", ":", "-."]):
        axes.loglog(EVALUATIONS, [np.mean(by_size[n]) for n in EVALUATIONS], marker=marker,
                    linestyle=style, label=LABELS[name])
    axes.set_xlabel("evaluations asked")
    axes.set_ylabel("mean error, share of the largest value")
    axes.set_xticks(EVALUATIONS, [str(n) for n in EVALUATIONS])
    axes.legend()
    axes.grid(alpha=0.3)
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None})


def main():
    driftlens, shared, path = sys.argv[1:4]
    errors = measure(driftlens, shared)
    print("| method | " + " | ".join(f"{n}" for n in EVALUATIONS) + " |")
    print("|---" * (len(EVALUATIONS) + 1) + "|")
    for name, by_size in errors.items():
        print(f"| {LABELS[name]} | " +
              " | ".join(f"{np.mean(by_size[n]):.4f}" for n in EVALUATIONS) + " |")
    plot(errors, path)


main()
