"""Files and names of strangers: nothing runs that they hold, and nothing is shown but as text."""

import ast
import pathlib
import re

import keras
import numpy as np
import pytest

import thesis_rnn
from tests.helpers import tiny_run
from tests.helpers.bad_inputs import RAN, Evil
from tests.helpers.front_end_process import run
from thesis_rnn import data
from thesis_rnn.attribution.inputs.axes import Axes
from thesis_rnn.errors import InputError
from thesis_rnn.reporting.heatmaps.tokens import token_page
from thesis_rnn.reporting.pages import run_page
from thesis_rnn.runs.own_model import read_array, read_inputs
from thesis_rnn.runs.stored import read_heatmaps

PACKAGE = pathlib.Path(thesis_rnn.__file__).parent
ROOT = PACKAGE.parent
UNSAFE_MODULES = {"pickle", "cPickle", "dill", "cloudpickle", "joblib", "shelve", "marshal", "yaml"}
UNSAFE_CALLS = {"eval", "exec", "__import__", "os.system", "os.popen", "pd.read_pickle"}
READERS = {"np.load", "np.lib.format.read_array"}
HOSTILE = "<script>alert('x')</script>\"&"


# ---- the package's own code


def calls_of(tree: ast.AST):
    """The calls in a module: what is called, as text, and its keyword arguments."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func), {each.arg: ast.unparse(each.value) for each in node.keywords}


def imports_of(tree: ast.AST):
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (each.name.partition(".")[0] for each in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield (node.module or "").partition(".")[0]


def unsafe(path: pathlib.Path) -> list[str]:
    """What in a module could run a stranger's code."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found = [name for name in imports_of(tree) if name in UNSAFE_MODULES]
    for called, keywords in calls_of(tree):
        found += [called] if called in UNSAFE_CALLS else []
        found += [f"{called}(shell)"] if keywords.get("shell", "False") != "False" else []
        found += [f"{called}(pickle)"] if keywords.get("allow_pickle", "False") != "False" else []
        found += [called] if called in READERS and "allow_pickle" not in keywords else []
    return found


def test_no_module_unpickles_evaluates_or_starts_a_shell(tmp_path):
    assert {path.name: found for path in PACKAGE.rglob("*.py") if (found := unsafe(path))} == {}
    bad = ["import pickle", "np.load(a)", "np.load(a, allow_pickle=True)", "run(a, shell=True)", "eval(a)"]
    (tmp_path / "bad.py").write_text("\n".join(bad))
    assert unsafe(tmp_path / "bad.py") == ["pickle", "np.load", "np.load(pickle)", "run(shell)", "eval"]


# ---- files


def test_objects_are_refused_by_every_reader(tmp_path):
    evil = np.array([Evil(tmp_path / RAN)], object)
    folder = tiny_run.copy(tmp_path / "run")
    for name in ("evil.npz", "run/heatmaps/evil.npz"):
        np.savez(tmp_path / name, x=evil, y=evil, relevance=evil, record=evil)
    np.save(tmp_path / "evil.npy", evil)
    (tmp_path / "folder").mkdir()
    np.save(tmp_path / "folder/x.npy", evil)
    np.save(tmp_path / "folder/y.npy", np.arange(1))
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
    readers = {
        "explanation": lambda: thesis_rnn.Explanation.load(tmp_path / "evil.npz"),
        "series": lambda: data.load(f"file:{tmp_path / 'evil.npz'}", "train"),
        "a folder of series": lambda: data.load(f"file:{tmp_path / 'folder'}", "train"),
        "inputs": lambda: read_inputs(tmp_path / "evil.npz"),
        "an input": lambda: read_inputs(tmp_path / "evil.npy"),
        "classes": lambda: read_array(tmp_path / "evil.npy"),
        "heatmaps": lambda: read_heatmaps(folder),
        "a baseline": lambda: thesis_rnn.explain(
            model, np.ones((1, 3)), 0, f"integrated_gradients(baseline=file('{tmp_path / 'evil.npy'}'))"
        ),
    }
    for name, read in readers.items():
        with pytest.raises(InputError) as refusal:
            read()
        assert "\n" not in str(refusal.value), name
    assert not (tmp_path / RAN).exists()


def test_a_lambda_runs_only_where_the_user_says_so(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    layer = keras.layers.Lambda(lambda x: (open("code ran", "w").close(), x)[1], output_shape=(3,))
    keras.Sequential([keras.Input((3,)), layer, keras.layers.Dense(2)]).save("evil.keras")
    np.save("x.npy", np.ones((2, 3), np.float32))
    (tmp_path / RAN).unlink(missing_ok=True)
    with pytest.raises(InputError, match=r"\(--unsafe loads it, if you trust the file\)$"):
        thesis_rnn.load("evil.keras")
    given = ("--model=evil.keras", "--input=x.npy", "--out_dir=out", "--target=0")
    for verb, flags in {"explain": given, "judge": given[:2], "prototypes": given[:1], "analyse": given[:2]}.items():
        done = run(verb, *flags, cwd=tmp_path)
        assert done.status == 1, (verb, done)
        assert not (tmp_path / RAN).exists(), verb
    thesis_rnn.load("evil.keras", unsafe=True)(np.ones((1, 3)))
    assert (tmp_path / RAN).exists()  # it would have


# ---- pages


def test_names_words_and_settings_are_shown_as_text():
    axes = (Axes(HOSTILE, ((HOSTILE, "b"),), tokens=True),)
    words = thesis_rnn.explain(token_model(), np.array([[1, 2]]), 0, "gradient_x_input")
    words = words.__class__(**{**vars(words), "axes": axes})
    facts = {"architecture": HOSTILE, "dataset": HOSTILE, "seed": 0, "accuracy": 0.5, "test_sequences": 9}
    facts |= {"variables": 3, "epochs": 1, "best_epoch": 1}
    pages = {
        "words": words.to_html(class_names=[HOSTILE, f"{HOSTILE}2"], title=HOSTILE),
        "inline": words._repr_html_(),
        "a run": run_page({"facts": facts, "scores": []}, {}, {"dataset": HOSTILE}, {HOSTILE: {HOSTILE: 1.0}}),
        "tokens": token_page([[0, 1]], [[1.0, -1.0]], [HOSTILE], [HOSTILE, "b"], HOSTILE),
    }
    for name, page in pages.items():
        assert "<script>alert" not in page, name
        assert "alert" in page, name
        assert not re.search(r"<[^>]*=\"[^\"]*<script", page), name


def token_model() -> keras.Model:
    layers = keras.layers
    return keras.Sequential([keras.Input((2,), dtype="int32"), layers.Embedding(4, 3), layers.GRU(2), layers.Dense(2)])


# ---- what else is installed


def test_the_licences_of_all_requirements_are_listed():
    page = (ROOT / "docs/concepts/robustness.md").read_text(encoding="utf-8")
    listed = [name for name in re.findall(r"^\| ([\w-]+) \|", page, re.MULTILINE) if name != "package"]
    setup = (ROOT / "setup.py").read_text(encoding="utf-8")
    required = re.search(r"install_requires=\[(.*?)\n    \],", setup, re.DOTALL)[1]
    assert sorted(re.findall(r'^ +"([\w-]+)[>=]', required, re.MULTILINE)) == sorted(listed)
