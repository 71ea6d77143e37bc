"""Memory and time of an explanation, as they grow: by library, number of samples, length of a sequence."""

from benchmarks import cases
from benchmarks.measuring import CAPTUM, INNVESTIGATE, OWN, OWN_XLA, ZENNIT, Findings, Setup, loads, say, started
from benchmarks.tables import rule_title
from thesis_rnn.reporting.tables import markdown_table

TITLE = "Peak memory, and how it grows"
CALLS = 5
"""Of which the fastest counts: beside the memory, a time need only show how it grows."""


def measure(setup: Setup) -> Findings:
    findings = Findings()
    small = setup.sized({}, {"steps": 3, "features": 16, "units": 24})
    cell = setup.save("cell", cases.cell(setup.sized(500, 8), **small))
    for rule in setup.sized(("epsilon", "z_plus", "alpha2_beta1"), ("epsilon",)):
        say(f"  {rule}")
        for recipe in (OWN, OWN_XLA, ZENNIT, CAPTUM, INNVESTIGATE):
            job = {"case": "cell", "layout": "unrolled", "file": cell, "rule": rule}
            _peak(recipe, job, f"cell, {setup.sized(500, 8)} samples", setup, findings)
    for samples in setup.sized((500, 1000, 2000, 4000), (8, 16)):
        say(f"  {samples} samples")
        path = setup.save("many", cases.cell(samples, **small))
        _peak(OWN, {"case": "cell", "file": path, "rule": "epsilon"}, f"cell, {samples} samples", setup, findings)
    for steps in setup.sized((50, 200, 1000), (3,)):
        say(f"  {steps} steps")
        sizes = setup.sized({}, {"features": 4, "units": 8})
        path = setup.save("long", cases.stock(setup.sized(100, 4), "lstm", steps, **sizes))
        job = {"case": "stock", "kind": "lstm", "file": path, "rule": "epsilon"}
        _peak(OWN, job, f"LSTM, {steps} steps, {setup.sized(100, 4)} samples", setup, findings)
    return findings


def _peak(recipe, job: dict, case: str, setup: Setup, findings: Findings) -> None:
    """Bytes at the peak of a few explanations, beyond what the process held with its libraries loaded."""
    with started((recipe,), setup, findings) as running:
        for contender in running.values():
            before = contender.about()["peak_bytes"]
            if loads(recipe, contender, job["rule"], job, findings) is None:
                continue
            seconds = min(contender.time(job["rule"]) for _ in range(CALLS))
            peak = contender.about()["peak_bytes"]
            row = {"case": case, "rule": job["rule"], "contender": recipe.name}
            findings.rows.append(row | {"libraries": before, "explanation": peak - before, "seconds": seconds})


def tables(record: dict) -> str:
    text = (
        "Of a process that explains again and again: what its libraries take, and what the explanation adds to that, "
        "inputs and relevance included. thesis_rnn explains 500 samples at a time, however many there are. "
        f"Milliseconds: the fastest of {CALLS} calls."
    )
    body = [
        [
            row["case"],
            rule_title(row["rule"]),
            row["contender"],
            _mebibytes(row["libraries"]),
            _mebibytes(row["explanation"]),
            f"{1e3 * row['seconds']:.4g}",
        ]
        for row in record["rows"]
    ]
    header = ["case", "rule", "contender", "libraries, MiB", "explanation, MiB", "ms"]
    return f"{text}\n\n{markdown_table(header, body)}"


def _mebibytes(count: int) -> str:
    return f"{count / 2**20:.0f}"
