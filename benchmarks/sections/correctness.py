"""How far every library is from a float64 oracle in plain loops, on the same weights and inputs."""

import numpy as np

from benchmarks import cases, oracle
from benchmarks.measuring import (
    CAPTUM,
    CAPTUM_AGAIN,
    INNVESTIGATE,
    NUMPY,
    OWN,
    OWN_XLA,
    ZENNIT,
    Findings,
    Setup,
    loads,
    say,
    started,
)
from benchmarks.tables import rule_title
from thesis_rnn.reporting.tables import markdown_table

TITLE = "Correctness: the largest deviation from a float64 oracle"
LIBRARIES = (OWN, OWN_XLA, ZENNIT, CAPTUM, CAPTUM_AGAIN, INNVESTIGATE)
WRONG = 1e-3
"""A deviation beyond what float32 explains."""

PLACES = {
    ("dense", None): "feed-forward",
    ("cell", "unrolled"): "cell over 12 steps, as copies",
    ("cell", "shared"): "cell over 12 steps, one shared module",
    ("stock", "lstm"): "LSTM(128), 12 steps",
    ("stock", "gru"): "GRU(128), 12 steps",
}
"""Case and layout. thesis_rnn explains a recurrent layer as it is, so that layouts are the same to it."""


def measure(setup: Setup) -> Findings:
    findings = Findings()
    made = {
        "dense": cases.dense(2, **setup.sized({}, {"sizes": (16, 24, 24, 5)})),
        "cell": cases.cell(2, **setup.sized({}, {"steps": 3, "features": 16, "units": 24})),
        "lstm": cases.stock(2, "lstm", 12, **setup.sized({}, {"features": 4, "units": 8})),
        "gru": cases.stock(2, "gru", 12, **setup.sized({}, {"features": 4, "units": 8})),
    }
    with started((*LIBRARIES, NUMPY), setup, findings) as running:
        for case, layout in PLACES:
            say(f"  {PLACES[case, layout]}")
            name = layout if case == "stock" else case
            job = {
                "case": case,
                "layout": layout,
                "kind": name,
                "single_samples": 2,
                "file": setup.save(name, made[name]),
            }
            for rule in ("epsilon",) if case == "stock" else cases.RULES:
                right = oracle.relevance(case, rule, made[name], name)
                for recipe, contender in running.items():
                    if recipe != NUMPY or case == "stock":
                        _deviate(recipe, contender, job | {"rule": rule}, right, setup, findings)
    return findings


def _deviate(recipe, contender, job: dict, right: np.ndarray, setup: Setup, findings: Findings) -> None:
    place = PLACES[job["case"], job["layout"]]
    identity = f"{job['rule']} ({place})"
    if loads(recipe, contender, identity, job, findings) is None:
        return
    path = setup.scratch / "relevance.npy"
    contender.save(identity, path)
    deviation = float(np.abs(np.load(path) - right).max() / np.abs(right).max())
    findings.rows.append({"contender": recipe.name, "place": place, "rule": job["rule"], "deviation": deviation})


def tables(record: dict) -> str:
    rows = record["rows"]
    text = (
        "Relative to the largest relevance of the oracle, in float32; **bold** is beyond rounding: silently wrong. An "
        'empty cell is a rule that the library does not offer there, or refuses. "Second call": the rules are set '
        "once, and the explanation is asked for twice."
    )
    names = list(dict.fromkeys(row["contender"] for row in rows))
    found = {(row["place"], row["rule"], row["contender"]): row["deviation"] for row in rows}
    body = [
        [place, rule_title(rule), *(_cell(found.get((place, rule, name))) for name in names)]
        for place, rule in dict.fromkeys((row["place"], row["rule"]) for row in rows)
    ]
    return f"{text}\n\n{markdown_table(['network', 'rule', *names], body)}"


def _cell(deviation: float | None) -> str:
    if deviation is None:
        return ""
    return f"**{deviation:.0e}**" if not deviation <= WRONG else f"{deviation:.0e}"
