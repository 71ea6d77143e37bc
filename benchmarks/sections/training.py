"""Updates per second of the thesis' models: the package, a hand-written loop, a stock LSTM, and PyTorch."""

import numpy as np

from benchmarks.measuring import PASSIVE, Findings, Setup, loads, passive, say, started
from benchmarks.process import Recipe
from benchmarks.tables import median, milliseconds
from benchmarks.timing import interleaved
from thesis_rnn.reporting.tables import markdown_table

TITLE = "Training, batches of 50"
BATCH = 50
UPDATES = {"deep": 40, "rlstm_sd": 40, "convdeep": 20, "convrlstm_sd": 20, "conv_plus_rlstm_sd": 10}
"""Architecture -> updates that are timed at once."""
FIT, EAGER = "thesis_rnn, fit", "PyTorch, eager"

KERAS = Recipe("Keras", "keras_training")
WITHOUT_ONEDNN = Recipe("Keras, no oneDNN", "keras_training", variables=(("TF_ENABLE_ONEDNN_OPTS", "0"),))
TORCH = Recipe("PyTorch", "torch_training", "peers")
TORCH_PASSIVE = passive(TORCH)

CONTENDERS = {
    FIT: (KERAS, "fit"),
    "thesis_rnn, fit without oneDNN": (WITHOUT_ONEDNN, "fit"),
    "hand-written tf.function loop": (KERAS, "loop"),
    "hand-written loop, XLA": (KERAS, "loop_xla"),
    "naive literal connections, hand-written loop": (KERAS, "naive"),
    "naive literal connections, loop without oneDNN": (WITHOUT_ONEDNN, "naive"),
    "stock Keras LSTM of as many weights, fit": (KERAS, "stock"),
    EAGER: (TORCH, "eager"),
    "PyTorch, torch.compile": (TORCH, "compile"),
    f"{EAGER}{PASSIVE}": (TORCH_PASSIVE, "eager"),
    f"PyTorch, torch.compile{PASSIVE}": (TORCH_PASSIVE, "compile"),
}
"""The process and the kind of job of each."""
ONLY = {"naive": ("conv_plus_rlstm_sd",), "loop_xla": ("deep", "rlstm_sd")}
"""Kinds of jobs that are not for every architecture: there is nothing to write naively, or it takes far too long."""


def measure(setup: Setup) -> Findings:
    findings = Findings()
    for arch, updates in setup.sized(UPDATES, {"rlstm_sd": 2, "conv_plus_rlstm_sd": 1}).items():
        say(f"  {arch}")
        job = {"arch": arch, "updates": updates, "file": str(setup.scratch / f"{arch}.npz")}
        with started((KERAS, WITHOUT_ONEDNN, TORCH, TORCH_PASSIVE), setup, findings) as running:
            loads(KERAS, running[KERAS], "export", job | {"kind": "export"}, findings)
            if TORCH in running:
                _check_same_model(running, job, setup)
            _compare(running, job, setup, findings)
    return findings


def _compare(running, job: dict, setup: Setup, findings: Findings) -> None:
    calls, first_calls = {}, {}
    for name, (recipe, kind) in CONTENDERS.items():
        if recipe in running and job["arch"] in ONLY.get(kind, UPDATES):
            first = loads(recipe, running[recipe], f"{kind} of {job['arch']}", job | {"kind": kind}, findings)
            if first is not None:
                first_calls[name] = first
                calls[name] = lambda recipe=recipe, kind=kind: running[recipe].time(f"{kind} of {job['arch']}")
    for name, seconds in interleaved(calls, setup.repeats).items():
        row = {"architecture": job["arch"], "contender": name, "first_call": first_calls[name]}
        findings.rows.append(row | {"seconds": (seconds / job["updates"]).tolist()})


def _check_same_model(running, job: dict, setup: Setup) -> None:
    """PyTorch's model must give the same logits without dropout: only then are the times comparable."""
    logits = []
    for recipe in (KERAS, TORCH):
        path = setup.scratch / "logits.npy"
        running[recipe].load("logits", **job, kind="logits")
        running[recipe].save("logits", path)
        logits.append(np.load(path))
    np.testing.assert_allclose(*logits, rtol=0, atol=1e-4 * np.abs(logits[0]).max(), err_msg=job["arch"])


def tables(record: dict) -> str:
    text = (
        "Milliseconds are of one update. Speed-up: how many times the sequences per second of that contender "
        f"'{FIT}' makes. All processes keep freed memory, as the package's programs do."
    )
    fits = {row["architecture"]: median(row) for row in record["rows"] if row["contender"] == FIT}
    body = []
    for row in record["rows"]:
        sequences, gain = BATCH / median(row), median(row) / fits[row["architecture"]]
        cells = [row["architecture"], row["contender"], *milliseconds(row)]
        body.append([*cells, f"{sequences:.0f}", f"{gain:.2f}", f"{row['first_call']:.1f}"])
    header = ["architecture", "contender", "ms", "quartiles", "sequences/s", "speed-up", "first call, s"]
    return f"{text}\n\n{markdown_table(header, body)}"
