"""The benchmarks at tiny size: that every section makes its table, and that what it calls right is right.

Run with ``pytest -m benchmark``: it starts many processes and takes minutes. Nothing is asserted about times, and
nothing is installed: other libraries are compared in the benchmarks' own section on correctness.
"""

import json
import subprocess
import sys
import types

import numpy as np
import pytest

from benchmarks import cases, machine, oracle, summary, tables
from benchmarks.contenders import numpy_lrp
from benchmarks.contenders.counting import Counter, _inside
from benchmarks.measuring import PASSIVE
from benchmarks.process import ROOT, Contender, RefusedError
from benchmarks.sections import SECTIONS
from benchmarks.simulation import seconds_of
from benchmarks.timing import interleaved, quartiles

pytestmark = pytest.mark.benchmark


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The results of one quick run of all sections."""
    folder = tmp_path_factory.mktemp("results")
    command = [
        sys.executable,
        "-m",
        "benchmarks",
        "--quick",
        "--nopeers",
        f"--only={','.join(SECTIONS)}",
        f"--output={folder}",
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return folder


# ---- the whole


@pytest.mark.parametrize("name", SECTIONS)
def test_section_makes_its_table(folder, name):
    record = json.loads((folder / f"{name}.json").read_text())
    assert record["rows"]
    text = SECTIONS[name].tables(record)
    assert text in (folder / "results.md").read_text()


def test_own_rules_are_right(folder):
    rows = json.loads((folder / "correctness.json").read_text())["rows"]
    assert {row["contender"] for row in rows} == {"thesis_rnn", "thesis_rnn, XLA", "NumPy loop"}
    assert {row["rule"] for row in rows} == set(cases.RULES)
    assert max(row["deviation"] for row in rows) < 1e-5  # float32


def test_libraries_that_are_not_there_are_named(folder):
    missing = json.loads((folder / "cell.json").read_text())["missing"]
    assert {"zennit", "Captum", "iNNvestigate"} <= {item["contender"] for item in missing}
    assert "Captum: left out by --nopeers" in (folder / "results.md").read_text()


def test_unknown_section_is_one_line():
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks", "--only=speed"], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 1
    assert done.stderr.strip().endswith("received speed")
    assert len(done.stderr.strip().splitlines()) == 1


# ---- the parts


def test_interleaved_takes_turns():
    order = []

    def call(name, seconds):
        return lambda: order.append(name) or seconds

    seconds = interleaved({"a": call("a", 1.0), "b": call("b", 2.0)}, repeats=2)
    assert order == ["a", "b"] * 3  # once to warm up
    assert seconds["b"].tolist() == [2.0, 2.0]


def test_quartiles():
    assert quartiles(np.array([1.0, 2.0, 3.0, 4.0, 5.0])) == (2.0, 3.0, 4.0)


def test_ratio_is_to_the_same_contenders_gradient():
    rows = [
        {"contender": "a", "rule": cases.GRADIENT, "seconds": [0.1], "samples": 5, "first_call": 1},
        {"contender": "a", "rule": "epsilon", "seconds": [0.25], "samples": 5, "first_call": 1},
        {"contender": "b", "rule": "epsilon", "seconds": [0.5], "samples": 5, "first_call": 1},
    ]
    lines = tables.explaining_table(rows, ()).splitlines()[2:]
    ratios = [line.split("|")[6].strip() for line in lines]
    assert ratios == ["1.00", "2.50", ""]  # 0.25 / 0.1; b has no gradient


@pytest.mark.parametrize("rule", ["epsilon", "z_plus", "alpha2_beta1", "dtd"])
@pytest.mark.parametrize("case", ["dense", "cell"])
def test_oracle_conserves(case, rule):
    arrays = {"dense": cases.dense(2, (7, 9, 4)), "cell": cases.cell(2, 3, 7, 9, 4)}[case]
    relevance = oracle.relevance(case, rule, arrays)
    x, target = arrays["x"].astype(float), int(arrays["target"])
    if case == "dense":
        logits = np.maximum(x @ arrays["kernel_0"], 0) @ arrays["kernel_1"]
    else:
        h = np.zeros((2, 9))
        for step in range(3):
            h = np.maximum(x[:, step] @ arrays["input_kernel"] + h @ arrays["recurrent_kernel"], 0)
        logits = h @ arrays["output_kernel"]
    tolerance = 0.1 if rule == "epsilon" else 1e-9  # epsilon keeps a little
    np.testing.assert_allclose(relevance.reshape(2, -1).sum(1), logits[:, target], rtol=tolerance)


@pytest.mark.parametrize("rule", ["sensitivity", "guided_backprop"])
def test_oracle_of_derivatives_by_hand(rule):
    # x = (1, 1), W = ((1, -1), (2, 3)): z = (3, 2), V = (1, -2). df/dx = W (1, -2) = (1 + 2, 2 - 6) = (3, -4).
    # Guided: (1, -2) -> (1, 0): W (1, 0) = (1, 2). Both squared.
    kernels = {"kernel_0": np.array([[1.0, -1.0], [2.0, 3.0]]), "kernel_1": np.array([[1.0], [-2.0]])}
    relevance = oracle.relevance("dense", rule, kernels | {"x": np.ones((1, 2)), "target": np.array(0)})
    assert relevance.tolist() == {"sensitivity": [[9.0, 16.0]], "guided_backprop": [[1.0, 4.0]]}[rule]


@pytest.mark.parametrize("kind", ["lstm", "gru"])
def test_numpy_loop_against_the_oracle(kind, tmp_path):
    arrays = cases.stock(2, kind, steps=4, features=3, units=5, classes=2)
    np.savez(tmp_path / "case.npz", **arrays)
    job = {"case": "stock", "rule": "epsilon", "kind": kind, "single_samples": 2, "file": str(tmp_path / "case.npz")}
    right = oracle.relevance("stock", "epsilon", arrays, kind)
    np.testing.assert_allclose(numpy_lrp.load(job)(), right, rtol=0, atol=1e-5 * np.abs(right).max())


def test_products_are_counted(tmp_path):
    # 3 steps, 7 features, 9 units, 4 classes, without the first step's recurrent product, or with it:
    # 2 (3 * 7 * 9 + 3 * 9 * 9 + 9 * 4) = 2 * 468 FLOPs for one product each; epsilon takes two.
    np.savez(tmp_path / "case.npz", **cases.cell(2, 3, 7, 9, 4))
    job = {"case": "cell", "rule": "epsilon", "file": str(tmp_path / "case.npz")}
    with Contender("counting", "counting") as contender:
        contender.load("count", **job)
        contender.save("count", tmp_path / "count.npy")
    flops, _, weights = np.load(tmp_path / "count.npy")
    assert flops == 2 * 2 * 468
    assert weights == 4 * (7 * 9 + 9 * 9 + 9 * 4)


def test_windows_are_counted_inside_the_image():
    # A window of 3 over 4 cells: 2 + 3 + 3 + 2 cells inside.
    assert _inside(4, 3) == 10
    assert Counter(bounded=True).needs_steps


def test_refusal_and_death_of_a_contender_are_told():
    with Contender("NumPy", "numpy_lrp") as contender, pytest.raises(RefusedError, match="stock LSTM and GRU only"):
        contender.load("x", case="cell", rule="epsilon")
    with Contender("nobody", "nobody") as contender, pytest.raises(RefusedError, match=r"died: .*No module named"):
        contender.about()


def test_cores_of_others_leave_out_our_own(monkeypatch):
    # In 2 s all processes used 9 s of the processor's time and ours 6 s: others 3 s, that is 1.5 cores.
    for name, values in (("_used_by_all", [10.0, 19.0]), ("_used_by_us", [4.0, 10.0])):
        monkeypatch.setattr(machine, name, iter(values).__next__)
    monkeypatch.setattr(machine, "time", types.SimpleNamespace(perf_counter=iter([100.0, 102.0]).__next__))
    assert machine.Others().cores() == 1.5


def test_summary_takes_the_faster_way_to_wait():
    rows = [
        {"contender": name, "rule": "epsilon", "samples": 10, "seconds": [seconds]}
        for name, seconds in [("thesis_rnn", 0.2), ("thesis_rnn, XLA", 0.1), ("zennit", 1.0)]
    ]
    rows.append({"contender": f"zennit{PASSIVE}", "rule": "epsilon", "samples": 10, "seconds": [0.5]})
    line = summary.explaining(rows).splitlines()[-1]
    assert [cell.strip() for cell in line.strip("| ").split("|")] == ["LRP-epsilon", "50", "100", "20", "5.0"]


# ---- many workers


def test_a_simulated_job_by_hand():
    # Two workers from second 1, a shard 2 s, the driver .5 s a shard: begun at 1.5, 2, 4 (a worker is free at 3.5).
    assert seconds_of(3, 2, each=2.0, serial=0.5, start=1.0) == 6.0


def test_a_simulated_job_is_bound_by_the_workers_or_by_the_driver():
    assert seconds_of(1000, 10, each=5.0, serial=0.0) == 500.0
    assert seconds_of(1000, 100, each=5.0, serial=0.1) == pytest.approx(1000 * 0.1 + 5.0)
