"""--json prints one object and nothing else, with the numbers that the verb has; --quiet is a flag of every verb."""

import json

import keras
import numpy as np
import pytest

from tests.helpers import tiny_run
from tests.helpers.front_end_process import run
from thesis_rnn import Explanation
from thesis_rnn.cli.outcomes import as_json
from thesis_rnn.cli.verbs import VERBS
from thesis_rnn.statistics import Interval
from thesis_rnn.training.run_folder import RunFolder


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    home = tmp_path_factory.mktemp("json")
    tiny_run.copy(home / "run")
    model = keras.Sequential([keras.Input((4, 2)), keras.layers.Flatten(), keras.layers.Dense(2, "softmax")])
    model.save(home / "my.keras")
    np.save(home / "x.npy", np.random.default_rng(0).normal(size=(20, 4, 2)).astype(np.float32))
    return home


def data(home, *arguments, status=0):
    done = run(*arguments, "--json", cwd=home)
    assert done.status == status, done
    return json.loads(done.out)


OWN = ("--model=my.keras", "--input=x.npy", "--out_dir=out")


def test_the_tables_are_rows(home):
    rows = data(home, "list", "rules")["rows"]
    assert {"epsilon", "gamma"} <= {row["rule"] for row in rows}
    assert set(rows[0]) == {"rule", "parameters", "what it does"}


def test_the_account_of_an_explanation(home):
    [found] = data(home, "explain", *OWN, "--methods=lrp_epsilon")["methods"]
    stored = Explanation.load(home / found["file"])
    assert (found["method"], found["samples"]) == ("lrp_epsilon", 20)
    for name in ("value", "explained", "received", "absorbed"):
        assert found["means"][name] == pytest.approx(getattr(stored, name).mean())
    layers = data(home, "explain", "--model=my.keras", "--dry_run")["layers"]
    assert [row["kind"] for row in layers] == ["Flatten", "Dense"]


@pytest.mark.slow
def test_a_judgement(home):
    asked = ("--methods=gradient_x_input; sensitivity", "--measures=selectivity", "--rules=selectivity")
    found = data(home, "judge", *OWN, *asked)
    assert found["ranking"]["methods"][0] in found["recommendation"]
    assert {row["measure"] for row in found["rows"]} == {"selectivity"}
    assert found["pages"] == ["out/judgement.md"]
    assert found["rules"]["method"].startswith("composite(")


@pytest.mark.slow
def test_prototypes(home):
    found = data(home, "prototypes", *OWN, "--steps=3")
    assert found["target"] == [0, 1]
    with np.load(home / found["files"][1]) as stored:
        np.testing.assert_allclose(found["value"], stored["value"])


def test_the_stages_of_a_run(home):
    folder = RunFolder(home / "run")
    scored = data(home, "evaluate", "--run_dir=run", "--limit=6", "--methods=sensitivity", "--measures=cosine")
    assert scored.pop("run") == "run"
    assert scored == folder.read_metrics()
    asked = ("--samples=2", "--methods=sensitivity; deep_taylor", "--ledger")
    first, second = data(home, "explain", "--run_dir=run", *asked)["methods"]
    assert first["means"]["absorbed"] is None  # NaN: the method does not conserve
    kept = Explanation.load(home / second["file"])
    assert {row.kind for row in kept.ledger} >= {"bias"}
    np.testing.assert_allclose(kept.unaccounted, 0, atol=1e-4)
    reported = data(home, "report", "--run_dir=run")
    assert reported["page"] == "run/report.html"
    assert all((home / figure).is_file() for figure in reported["figures"])


def test_the_tasks_of_a_plan(home):
    tasks = data(home, "reproduce", "--profile=quick", "--list_tasks")["tasks"]
    assert tasks
    assert not any(task["finished"] for task in tasks)


def test_what_failed_is_told_beside_the_result(home):
    tiny_run.copy(home / "damaged").model.write_bytes(b"no model")
    done = run("verify", "--run_dir=damaged", "--json", cwd=home)
    [found] = json.loads(done.out)["runs"]
    assert (done.status, len(found["faults"])) == (1, 1)
    assert done.error.startswith("error: expected every file as its run wrote it; 1 of 1 runs are damaged")


def test_a_mistake_leaves_standard_output_empty(home):
    done = run("explain", "--json", cwd=home)
    assert (done.status, done.out) == (1, "")
    assert done.error.startswith("error: either --run_dir, a run, or --model")


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_can_be_quiet_and_answer_in_json(verb, tmp_path):
    done = run(verb, "--help", cwd=tmp_path)
    assert "--[no]quiet" in done.out
    assert "--[no]json" in done.out


def test_records_arrays_and_what_json_does_not_know():
    told = {"a": np.array([1.5, np.nan]), "b": Interval(1, 2, np.inf, np.int64(3)), 4: ("x", None, True)}
    assert json.loads(as_json(told)) == {
        "a": [1.5, None],
        "b": {"mean": 1, "low": 2, "high": "inf", "n": 3},
        "4": ["x", None, True],
    }
