"""What users give by mistake, or to do harm, as a table: name of the case -> the call that must refuse it in one line.

The names say what is wrong. Files are written below one folder, and a file that runs code when it is read would leave
``RAN`` there.
"""

import io
import pathlib
import zipfile
from collections.abc import Callable

import keras
import numpy as np

import thesis_rnn
from thesis_rnn import data, measures

layers = keras.layers
RAN = "code ran"
X = np.random.default_rng(0).normal(size=(3, 4, 3)).astype("float32")
MANY = np.repeat(X, 10, axis=0)

ODD = {
    "none": None,
    "text": "abc",
    "bytes": b"abc",
    "a set": {1, 2},
    "a number": 3,
    "a truth value": True,
    "a function": len,
    "objects": np.array([None, 1], object),
    "complex": X + 1j,
    "dates": np.array(["2020-01-01"], "datetime64[D]"),
    "words": np.array([["a"] * 3] * 4),
    "ragged lists": [[1, 2], [3]],
    "ragged arrays": [X[0], X[1, :2]],
    "fewer steps": X[:, :2],
    "fewer features": X[..., :2],
    "one sample without its axis": X[0],
    "no samples": X[:0],
    "NaN": np.full_like(X, np.nan),
    "infinity": np.full_like(X, np.inf),
    "beyond float32": X.astype("float64") * 1e300,
}

TARGETS = {
    "beyond the classes": 5,
    "negative": -1,
    "a fraction": 0.5,
    "an unknown name": "nope",
    "two of three": [0, 1],
    "NaN": np.nan,
    "ragged": [[0], [0, 1], [1]],
    "fractions": [0.5, 1, 0],
    "objects": [None, 1, 2],
    "a dict": {"a": 1},
    "a matrix": np.zeros((3, 2)),
    "complex": 1j,
    "31 digits": 10**30,
}

METHODS = {
    "a number": 3,
    "a list": ["lrp"],
    "empty": "",
    "unknown": "gradx",
    "nearly": "gradient_x_inputs",
    "an open bracket": "lrp(",
    "another's parameter": "lrp(gamma=3)",
    "a negative stabiliser": "lrp_epsilon(epsilon=-1)",
    "a stabiliser of NaN": "lrp_epsilon(epsilon=nan)",
    "a word for a number": "lrp_epsilon(epsilon=abc)",
    "a parameter twice": "lrp(alpha=2, alpha=3)",
    "a number of 400 digits": "lrp(alpha=" + "9" * 400 + ", beta=1)",
    "20,000 rules": "composite(" + ", ".join(["epsilon(0.1)"] * 20_000) + ")",
    "no points": "integrated_gradients(points=0)",
    "a fraction of points": "integrated_gradients(points=1.5)",
    "too many points": "integrated_gradients(points=10000000000000)",
}

PARAMETERS = {
    "batch_size 0": {"batch_size": 0},
    "batch_size 1.5": {"batch_size": 1.5},
    "batch_size '3'": {"batch_size": "3"},
    "batch_size NaN": {"batch_size": float("nan")},
    "batch_size True": {"batch_size": True},
    "batch_size of 31 digits": {"batch_size": 10**31},
    "head of no name": {"head": "a"},
    "head 5": {"head": 5},
    "head 1.5": {"head": 1.5},
    "seed 'a'": {"method": "smoothgrad", "seed": "a"},
    "an unknown argument": {"foo": 1},
    "output unknown": {"output": "nope"},
    "against beyond": {"against": 7},
    "engine unknown": {"engine": "x"},
    "step beyond": {"step": 9},
    "xla 'yes'": {"xla": "yes"},
    "verbose 'no'": {"verbose": "no"},
    "inputs unknown": {"method": "lrp", "inputs": "weird"},
    "low a word": {"method": "lrp", "low": "a", "high": 1},
    "low NaN": {"method": "lrp", "low": np.nan, "high": 1},
    "low above high": {"method": "lrp", "low": 1, "high": 0},
    "low of another shape": {"method": "lrp", "low": np.zeros(7), "high": np.ones(7)},
    "baseline of another shape": {"method": "integrated_gradients", "baseline": np.zeros((9, 9))},
    "baseline a word": {"method": "integrated_gradients", "baseline": "abc"},
    "baseline complex": {"method": "integrated_gradients", "baseline": 1j},
    "background of another shape": {"method": "expected_gradients", "background": np.zeros((2, 9, 9))},
    "background none": {"method": "occlusion", "background": None},
    "background a word": {"method": "occlusion", "background": "abc"},
    "background NaN": {"method": "occlusion", "background": np.nan},
    "background of no samples": {"method": "expected_gradients", "background": np.zeros((0, 4, 3))},
    "through an unknown layer": {"through": {"nolayer": [0]}},
    "mask": {"mask": np.zeros((2, 2))},
    "class_names of one": {"class_names": ["a"]},
}

BUILDS = {
    "unknown": ("lstmm",),
    "none": (None,),
    "a number": (3,),
    "no steps": ("lstm", 0),
    "half a step": ("lstm", 1.5),
    "units -1": ("lstm", 4, {"units": -1}),
    "units beyond memory": ("lstm", 4, {"rows": 4, "columns": 4, "units": 10**6}),
    "units of 10 digits": ("lstm", 4, {"rows": 4, "columns": 4, "units": 10**9}),
    "learning_rate NaN": ("lstm", 4, {"learning_rate": float("nan")}),
    "learning_rate -1": ("lstm", 4, {"learning_rate": -1}),
    "learning_rate a word": ("lstm", 4, {"learning_rate": "fast"}),
    "dropout 1": ("rlstm", 4, {"dropout": 1.0}),
    "dropout NaN": ("rlstm", 4, {"dropout": float("nan")}),
    "no classes": ("lstm", 4, {"classes": 0}),
    "half a class": ("lstm", 4, {"classes": 2.5}),
    "seed a word": ("lstm", 4, {"seed": "a"}),
    "seed -1": ("lstm", 4, {"seed": -1}),
}

LOADS = {
    "an unknown problem": ("mnistt", "train", {}),
    "no problem": (None, "train", {}),
    "an unknown split": ("digits", "dev", {}),
    "no split": ("digits", None, {}),
    "limit 0": ("digits", "test", {"limit": 0}),
    "limit 1.5": ("digits", "test", {"limit": 1.5}),
    "seed a word": ("digits_maj", "test", {"seed": "a"}),
    "data_dir a number": ("mnist_maj", "test", {"data_dir": 3}),
    "data_dir with a null byte": ("mnist_maj", "test", {"data_dir": "a\0b"}),
    "data_dir that is not there": ("mnist_maj", "test", {"data_dir": "/nowhere/at/all"}),
    "a fold as a number": ("digits", "train", {"fold": 99}),
    "steps that do not divide": ("digits", "test", {"steps": 5}),
}

ARRAYS = {
    "complex": np.ones((2, 4)) * 1j,
    "NaN": np.full((2, 4), np.nan),
    "text": "abc",
    "no samples": np.zeros((0, 4)),
    "none": None,
}
"""What no measure of two arrays takes."""

LABELS = {"beyond": [7], "negative": [-1], "a fraction": [0.5], "too many": [1, 0], "a word": ["a"]}


class Evil:
    """Runs code when it is unpickled."""

    def __init__(self, path: pathlib.Path):
        self.path = path

    def __reduce__(self):
        return open, (str(self.path), "w")


def header_of(shape: tuple[int, ...]) -> bytes:
    """The header of a .npy file of numbers of 8 bytes."""
    file = io.BytesIO()
    np.lib.format.write_array_header_1_0(file, {"descr": "<f8", "fortran_order": False, "shape": shape})
    return file.getvalue()


def zipped(path: pathlib.Path, **entries: bytes) -> pathlib.Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return path


def own_series(folder: pathlib.Path) -> dict[str, pathlib.Path]:
    """Files of series of one's own that must not be read."""
    y = np.arange(30) % 2

    def arrays(name, **given):
        np.savez(folder / name, **given)
        return folder / name

    def content(name, written: bytes):
        (folder / name).write_bytes(written)
        return folder / name

    whole = arrays("whole.npz", x=X, y=np.arange(3)).read_bytes()
    return {
        "that are not there": folder / "no.npz",
        "an empty folder": folder / "nothing",
        "cut short": content("cut.npz", whole[:80]),
        "without x": arrays("without.npz", z=X),
        "labels of another number": arrays("number.npz", x=X, y=np.arange(2)),
        "one series": arrays("one.npz", x=X[:1], y=[0]),
        "one class": arrays("class.npz", x=MANY, y=np.zeros(30, int)),
        "NaN": arrays("nan.npz", x=np.full((30, 4, 3), np.nan), y=y),
        "beyond float32": arrays("large.npz", x=np.full((30, 4, 3), 1e300), y=y),
        "complex": arrays("complex.npz", x=np.ones((30, 4, 3)) * 1j, y=y),
        "dates": arrays("dates.npz", x=np.zeros((30, 4, 3), "datetime64[D]"), y=y),
        "fractions as labels": arrays("half.npz", x=MANY, y=np.full(30, 0.5)),
        "negative labels": arrays("negative.npz", x=MANY, y=np.full(30, -1)),
        "no steps": arrays("axis.npz", x=np.zeros((30, 0, 3)), y=y),
        "objects that run code": arrays("evil.npz", x=np.array([Evil(folder / RAN)], object), y=[0]),
        "a header of 8 TB": zipped(folder / "header.npz", **{"x.npy": header_of((10**6, 10**6))}),
        "an empty CSV": content("empty.csv", b""),
        "words in a CSV": content("words.csv", b"a,b\n1,x\n"),
        "bytes in a CSV": content("bytes.csv", bytes(range(256))),
        "a cut CSV": content("cut.csv", b"sample,step,label,a\n1,0,1,2\n2,0"),
        "an empty .ts": content("empty.ts", b""),
        "a .ts without data": content("header.ts", b"@problemName x\n"),
        "a .ts.gz that is none": content("plain.ts.gz", b"@problemName x\n"),
        "another kind": content("x.parq", b"a"),
    }


def model_files(folder: pathlib.Path, model: keras.Model) -> dict[str, pathlib.Path | str | None]:
    """Model files that must not be loaded."""

    def edited(name, change):
        with zipfile.ZipFile(folder / "whole.keras") as archive:
            entries = {entry: archive.read(entry) for entry in archive.namelist()}
        return zipped(folder / name, **entries | {"config.json": change(entries["config.json"])})

    def content(name, written: bytes):
        (folder / name).write_bytes(written)
        return folder / name

    model.save(folder / "whole.keras")
    whole = (folder / "whole.keras").read_bytes()
    runs_code = keras.Sequential([keras.Input((4, 3)), layers.Lambda(lambda a: a * 2), layers.Dense(2)])
    runs_code.save(folder / "lambda.keras")
    return {
        "that is not there": folder / "no.keras",
        "none": None,
        "a null byte": "a\0",
        "unknown in the zoo": "zoo:x/y",
        "cut in half": content("half.keras", whole[: len(whole) // 2]),
        "one byte changed": content("byte.keras", whole[:900] + bytes([whole[900] ^ 255]) + whole[901:]),
        "a text": content("text.keras", b"hello"),
        "10^8 units": edited("units.keras", lambda config: config.replace(b'"units": 3', b'"units": 100000000')),
        "an empty configuration": edited("empty.keras", lambda config: b"{}"),
        "code in a Lambda": folder / "lambda.keras",
        "an entry outside": zipped(folder / "outside.keras", **{"../../evil": b"x", "config.json": b"{}"}),
    }


def bad_inputs(folder: pathlib.Path) -> dict[str, Callable]:
    """The table."""
    model = keras.Sequential([keras.Input((4, 3)), layers.LSTM(3), layers.Dense(2)])
    words = keras.Sequential([keras.Input((4,), dtype="int32"), layers.Embedding(5, 3), layers.GRU(3), layers.Dense(2)])

    def explain(x=X, target=0, method="gradient_x_input", model=model, **options):
        return thesis_rnn.explain(model, x, target, method, **options)

    def build(name, steps=None, options=None):
        return thesis_rnn.build(name, steps, **options or {})

    def binary(name, arrays):
        return getattr(measures, name)(arrays, arrays)

    explanation = explain()
    models = {"none": None, "text": "model", "a list": [model], "a dict": {}, "a number": 3, "an array": X}
    models |= {"a layer": layers.Dense(2), "a class": keras.Model, "unbuilt": keras.Sequential([layers.LSTM(3)])}
    tokens = {"beyond the vocabulary": 9, "negative": -2, "a fraction": 0.5, "NaN": np.nan}
    of_two = ("roc_auc", "average_precision", "rank_correlation", "cosine_similarity", "foreground_mass_accuracy")
    rest = {
        "tokens that are words": lambda: explain(["a b c"], model=words),
        "plot nothing": lambda: thesis_rnn.plot(None),
        "plot beside another x": lambda: thesis_rnn.plot(explanation, np.zeros((2, 2))),
        "a page of nothing": lambda: thesis_rnn.explanation_page(None),
        "pool by an unknown name": lambda: explanation.pool("nope"),
        "pool by 0": lambda: explanation.pool(0),
        "top -1": lambda: explanation.top(-1),
        "top 1.5": lambda: explanation.top(1.5),
        "top of a word": lambda: explanation.top("a"),
        "an explanation that is not there": lambda: thesis_rnn.Explanation.load(folder / "no.npz"),
        "an explanation of another kind": lambda: thesis_rnn.Explanation.load(folder / "whole.keras"),
        "judge few samples": lambda: thesis_rnn.judge(model, X[:2], 0),
        "judge no model": lambda: thesis_rnn.judge(None, X, 0),
        "judge by an unknown measure": lambda: thesis_rnn.judge(model, MANY, 0, measures="nope"),
        "judge an unknown method": lambda: thesis_rnn.judge(model, MANY, 0, methods="nope"),
        "prototype of nothing": lambda: thesis_rnn.prototype(model),
        "prototype of no class": lambda: thesis_rnn.prototype(model, target=9, data=X),
        "prototype of no unit": lambda: thesis_rnn.prototype(model, unit="x/y:3", data=X),
        "prototype by no expert": lambda: thesis_rnn.prototype(model, target=0, data=X, expert="gan9"),
        "no prototypes": lambda: thesis_rnn.prototype(model, target=0, data=X, n=0),
        "prototype near other data": lambda: thesis_rnn.prototype(model, target=0, data=X[:, :2]),
        "prototype near NaN": lambda: thesis_rnn.prototype(model, target=0, data=np.full_like(X, np.nan)),
        "coverage of nothing": lambda: thesis_rnn.coverage(None),
        "coverage of an array": lambda: thesis_rnn.coverage(X),
        "accuracy of NaN": lambda: measures.accuracy([[np.nan, 1]], [0]),
        "accuracy of no samples": lambda: measures.accuracy(np.zeros((0, 2)), []),
    }
    tables = {
        "x": (ODD, explain),
        "target": (TARGETS, lambda target: explain(target=target)),
        "method": (METHODS, lambda method: explain(method=method)),
        "explain": (PARAMETERS, lambda options: explain(**options)),
        "model": (models, lambda model: explain(model=model)),
        "token": (tokens, lambda token: explain(np.array([[1, token, 2, 3]]), model=words)),
        "build": (BUILDS, lambda given: build(*given)),
        "load": (LOADS, lambda given: data.load(*given[:2], **given[2])),
        "series": (own_series(folder), lambda path: data.load(f"file:{path}", "train")),
        "model file": (model_files(folder, model), thesis_rnn.load),
        "labels": (LABELS, lambda y: measures.accuracy([[0.1, 0.9]], y)),
    } | {name: (ARRAYS, lambda arrays, name=name: binary(name, arrays)) for name in of_two}
    return rest | {
        f"{kind}: {case}": lambda given=given, call=call: call(given)
        for kind, (cases, call) in tables.items()
        for case, given in cases.items()
    }
