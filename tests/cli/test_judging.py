"""python -m thesis_rnn judge: what it refuses, and a model of one's own."""

import keras
import numpy as np
import pytest

from tests.helpers import front_end_process


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("judge")
    model = keras.Sequential([keras.Input((4, 2)), keras.layers.Flatten(), keras.layers.Dense(2, "softmax")])
    model.save(folder / "my.keras")
    np.save(folder / "x.npy", np.random.default_rng(0).normal(size=(30, 4, 2)).astype(np.float32))
    return folder


OWN = ("--model=my.keras", "--input=x.npy", "--out_dir=out", "--methods=gradient_x_input; sensitivity")


def test_a_page_a_table_and_figures(folder):
    flags = ("--measures=selectivity; gini; seed_agreement", "--limit=20", "--models=my.keras", "--rules=selectivity")
    done = front_end_process.run("judge", *OWN, *flags, cwd=folder)
    assert done.status == 0, done.err
    assert "Use gradient_x_input" in done.out
    assert "on 10 samples" in done.out
    assert "## Rules chosen by selectivity" in done.out
    names = {"judgement.md", "judgement.html", "judgement.csv", "ranking.png", "curves.png", "rules.md"}
    assert {path.name for path in (folder / "out").iterdir()} == names


def test_one_page_alone(folder):
    flags = (*OWN[:2], "--output=page.html", *OWN[3:], "--measures=gini; selectivity")
    done = front_end_process.run("judge", *flags, cwd=folder)
    assert (done.status, done.out.splitlines()[-1]) == (0, "In page.html."), done.err
    page = (folder / "page.html").read_text("utf-8")
    assert "thesis_rnn.judge(model, x, methods=&#39;gradient_x_input; sensitivity&#39;" in page


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        ((), "either --run_dir, a run, or --model"),
        (("--model=my.keras",), "--model needs --input and --out_dir"),
        (("--run_dir=run", "--input=x.npy"), "--run_dir does not go with flags of the other use; received --input"),
        ((*OWN, "--data_dir=data"), "--model does not go with flags of the other use; received --data_dir"),
        ((*OWN, "--rules=selectivity", "--head=1"), "head must be one of the model's outputs"),
        ((*OWN, "--outputs=probabilities"), "the model ends in softmax, which says what outputs are"),
        ((*OWN, "--output=page.md"), "--output is a page of HTML, as in judged.html; received page.md"),
        ((*OWN, "--target=9"), "target must lie in 0..1; received 9..9"),
    ],
)
def test_bad_flags_end_in_one_line(folder, flags, message):
    assert message in front_end_process.refusal("judge", *flags, cwd=folder)
