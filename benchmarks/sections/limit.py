"""How near the package comes to the least time that its products and its memory traffic must take on this machine."""

import numpy as np

from benchmarks import results
from benchmarks.measuring import OWN, OWN_XLA, Findings, Setup, started
from benchmarks.process import Recipe
from benchmarks.sections import cell, stock, training
from benchmarks.tables import median, rule_title
from benchmarks.timing import interleaved
from thesis_rnn.reporting.tables import markdown_table

TITLE = "The limit: products and memory traffic over the machine's rates"
RATES = Recipe("rates", "rates")
COUNTING = Recipe("counting", "counting")


def measure(setup: Setup) -> Findings:
    """Of what the other sections have measured in this folder; what they have not is named."""
    findings = Findings()
    rates = measured_rates(setup, findings)
    with started((COUNTING,), setup, findings) as running:
        for section, name, job, batch, seconds in _measured(setup, findings):
            flops, moved, weights = _count(running[COUNTING], job, setup)
            limits = {"products": batch * flops / rates["flops"], "memory": (batch * moved + weights) / rates["bytes"]}
            row = {"section": section, "network": name, "rule": job["rule"], "flops": batch * flops}
            findings.rows.append(row | {"bytes": batch * moved + weights, "limits": limits, "seconds": seconds})
    findings.rows.append({"rates": rates})
    return findings


def measured_rates(setup: Setup, findings: Findings) -> dict[str, float]:
    """FLOPs and bytes per second: of float32 products of 2048, by whichever library is faster, and of a copy."""
    n, big = setup.sized((2048, 8192), (256, 1024))
    jobs = {"TensorFlow": n, "NumPy": n, "copy": big}
    with started((RATES,), setup, findings) as running:
        contender = running[RATES]
        for what, size in jobs.items():
            contender.load(what, what=what, size=size)
        seconds = interleaved({what: lambda what=what: contender.time(what) for what in jobs}, setup.repeats)
    product = min(np.median(seconds["TensorFlow"]), np.median(seconds["NumPy"]))
    return {"flops": float(2 * n**3 / product), "bytes": float(2 * 4 * big**2 / np.median(seconds["copy"]))}


def _measured(setup: Setup, findings: Findings):
    """Section, name of the network, job to count, batch and seconds: of our fastest way to compile."""
    for section, describe in DESCRIBE.items():
        record = results.read(setup.folder, section)
        if record is None or record["quick"] != setup.quick:
            findings.miss("thesis_rnn", section, "not measured in this folder: run that section first")
            continue
        fastest: dict[tuple, dict] = {}
        for row in record["rows"]:
            if row["contender"] in (OWN.name, OWN_XLA.name, training.FIT):
                name, job, batch = describe(row, setup)
                best = fastest.setdefault((name, job["rule"]), {"job": job, "batch": batch, "seconds": median(row)})
                best["seconds"] = min(best["seconds"], median(row))
        for (name, _), best in fastest.items():
            yield section, name, best["job"], best["batch"], best["seconds"]


def _of_cell(row: dict, setup: Setup):
    return "ReLU cell", cell.job(setup) | {"rule": row["rule"]}, row["samples"]


def _of_stock(row: dict, setup: Setup):
    kind = row["layer"].lower()
    return (
        f"{row['layer']}, {row['steps']} steps",
        stock.job(setup, kind, row["steps"]) | {"rule": row["rule"]},
        row["samples"],
    )


def _of_architecture(row: dict, setup: Setup):
    job = {"case": "architecture", "name": row["architecture"], "samples": 1, "rule": row["rule"]}
    return row["architecture"], job, row["samples"]


def _of_training(row: dict, setup: Setup):
    job = {"case": "architecture", "name": row["architecture"], "samples": 1, "rule": "training"}
    return row["architecture"], job, training.BATCH


DESCRIBE = {"cell": _of_cell, "stock": _of_stock, "architectures": _of_architecture, "training": _of_training}


def _count(contender, job: dict, setup: Setup) -> np.ndarray:
    path = setup.scratch / "count.npy"
    contender.load("count", **job)
    contender.save("count", path)
    return np.load(path)


def tables(record: dict) -> str:
    *rows, last = record["rows"]
    rates = last["rates"]
    text = (
        f"Float32 products run at {rates['flops'] / 1e9:.0f} GFLOP/s on this machine, copies at "
        f"{rates['bytes'] / 1e9:.1f} GB/s. The limit is the longer of the two times that a batch must take at least: "
        "for its products, and for reading and writing once what must be kept "
        "(`benchmarks/contenders/counting.py`). Measured is the faster of our two ways to compile."
    )
    body = []
    for row in rows:
        bound = max(row["limits"], key=row["limits"].get)
        limit = row["limits"][bound]
        rule = "training, one update" if row["rule"] == "training" else rule_title(row["rule"])
        cells = [f"{row['flops'] / 1e9:.3g}", f"{row['bytes'] / 1e6:.3g}", f"{1e3 * limit:.3g}", bound]
        body.append(
            [row["network"], rule, *cells, f"{1e3 * row['seconds']:.4g}", f"{100 * limit / row['seconds']:.0f}"]
        )
    header = ["network", "rule", "GFLOP", "MB", "limit, ms", "bound by", "measured, ms", "reached, %"]
    return f"{text}\n\n{markdown_table(header, body)}"
