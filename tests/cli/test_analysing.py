"""python -m thesis_rnn analyse and mimic: a page and tables of a model of one's own, and what they refuse."""

import keras
import numpy as np
import pytest

from tests.helpers import front_end_process


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("analyse")
    model = keras.Sequential([keras.Input((4, 2)), keras.layers.SimpleRNN(2, name="cell"), keras.layers.Dense(1)])
    model.save(folder / "my.keras")
    np.save(folder / "x.npy", np.random.default_rng(0).normal(size=(40, 4, 2)).astype(np.float32))
    return folder


OWN = ("--model=my.keras", "--input=x.npy", "--out_dir=out")


def test_a_page_and_a_table(folder):
    done = front_end_process.run("mimic", *OWN, cwd=folder)
    assert done.status == 0, done.err
    assert "Models that imitate the network" in done.out
    assert {path.name for path in (folder / "out").iterdir()} == {"analysis.html", "mimic.csv"}


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        ((), "either --run_dir, a run, or --model"),
        (("--model=my.keras",), "--model needs --input and --out_dir; received none for --input, --out_dir"),
        (("--run_dir=run", "--input=x.npy"), "leave out what belongs to the other use; received --input"),
        ((*OWN, "--analyses=windos"), "did you mean windows?; received 'windos'"),
    ],
)
def test_bad_flags_end_in_one_line(folder, flags, message):
    assert message in front_end_process.refusal("analyse", *flags, cwd=folder)
