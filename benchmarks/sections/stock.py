"""Epsilon-LRP of stock Keras LSTM and GRU over short and long sequences, beside a loop in NumPy."""

from benchmarks import cases
from benchmarks.measuring import NUMPY, OWN, OWN_XLA, Findings, Setup, compare, say, started
from benchmarks.tables import explaining_table, median
from thesis_rnn.reporting.tables import markdown_table

TITLE = "Explaining stock Keras LSTM(128) and GRU(128)"
STEPS = (12, 50, 200, 1000)
SAMPLES, SINGLE = (100, 4), (2, 1)
"""Of a full and of a quick run; of a batch, and of the loop that takes one at a time."""


def measure(setup: Setup) -> Findings:
    findings = Findings()
    for kind in setup.sized(("lstm", "gru"), ("lstm",)):
        for steps in setup.sized(STEPS, (3, 6)):
            say(f"  {kind}, {steps} steps")
            begin = len(findings.rows)
            with started((OWN, OWN_XLA, NUMPY), setup, findings) as running:
                compare(running, ("epsilon",), job(setup, kind, steps), setup, findings)
            for row in findings.rows[begin:]:
                row |= {"layer": kind.upper(), "steps": steps}
                row["samples"] = setup.sized(*(SINGLE if row["contender"] == NUMPY.name else SAMPLES))
    findings.missing = [item for item in findings.missing if item["job"] != cases.GRADIENT]  # of the loop: not wanted
    return findings


def job(setup: Setup, kind: str, steps: int) -> dict:
    """The layer with its weights and inputs; the loop explains the first few samples."""
    sizes = setup.sized({}, {"features": 4, "units": 8})
    path = setup.save(f"{kind}_{steps}", cases.stock(setup.sized(*SAMPLES), kind, steps, **sizes))
    return {"case": "stock", "kind": kind, "file": path, "single_samples": setup.sized(*SINGLE)}


def tables(record: dict) -> str:
    text = (
        f"Batches of {max(row['samples'] for row in record['rows'])} samples of 32 features; the loop in NumPy takes "
        "one sample at a time and is timed on few."
    )
    return "\n\n".join([text, explaining_table(record["rows"], ("layer", "steps")), growth(record["rows"])])


def growth(rows: list[dict]) -> str:
    """How the cost grows from 50 steps, the second shortest sequences, to the longest."""
    times = {(row["layer"], row["contender"], row["steps"]): median(row) for row in rows if row["rule"] == "epsilon"}
    *others, long = sorted({steps for _, _, steps in times})
    short = others[min(1, len(others) - 1)]
    body = [
        [f"{layer}, {contender}", f"{times[layer, contender, long] / seconds:.1f}"]
        for (layer, contender, steps), seconds in times.items()
        if steps == short
    ]
    return markdown_table(["LRP-epsilon", f"cost of {long} steps / cost of {short}; linear is {long / short:g}"], body)
