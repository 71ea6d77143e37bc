"""Explaining a model of one's own from files: python -m thesis_rnn explain --model=..."""

import dataclasses
import html.parser
import re

import keras
import numpy as np
import pytest
from matplotlib.colors import to_hex

from tests.helpers.front_end_process import refusal, run
from thesis_rnn import Explanation, explain, plot
from thesis_rnn.attribution import method_spec
from thesis_rnn.attribution.ledger import Row
from thesis_rnn.errors import InputError
from thesis_rnn.reporting.conservation import conservation_report
from thesis_rnn.reporting.heatmaps.tokens import read_vocabulary, token_page
from thesis_rnn.reporting.style import RELEVANCE
from thesis_rnn.runs.own_model import Request, explain_model, read_inputs, read_samples, read_words
from thesis_rnn.support.own_code import run_file
from thesis_rnn.training.models import load_model

EPSILON = "lrp_epsilon(epsilon=0.01)"
NAME = "lrp_epsilon_epsilon_0_01"


def series_model(path):
    """A stock recurrent network on series of 5 steps and 3 features."""
    keras.utils.set_random_seed(0)
    layers = [keras.layers.SimpleRNN(4), keras.layers.Dense(3, "softmax")]
    model = keras.Sequential([keras.Input((5, 3)), *layers])
    model.save(path / "my.keras")
    np.save(path / "x.npy", np.random.default_rng(0).normal(size=(6, 5, 3)))
    return model


def explained(path, method=EPSILON, **request):
    """The report on the model and inputs in ``path``, written to ``path / "out"``."""
    model, x = load_model(path / "my.keras"), read_inputs(path / "x.npy")
    return explain_model(model, x, method_spec(method), Request(**request), path / "out")


def names_in(folder):
    return sorted(path.name for path in folder.iterdir())


# ---- what is written


def test_a_series_gives_relevance_a_figure_and_a_report(tmp_path):
    model = series_model(tmp_path)
    report = explained(tmp_path, target="2", options={"ledger": True})
    assert names_in(tmp_path / "out") == [f"{NAME}.npz", f"{NAME}.png", f"{NAME}.txt"]
    assert (tmp_path / "out" / f"{NAME}.txt").read_text() == f"{report}\n"
    assert (tmp_path / "out" / f"{NAME}.png").read_bytes()[:4] == b"\x89PNG"

    stored = Explanation.load(tmp_path / "out" / f"{NAME}.npz")
    expected = explain(model, np.load(tmp_path / "x.npy"), 2, "lrp_epsilon", epsilon=0.01)
    for name in ("relevance", "logits", "target", "value", "explained"):
        np.testing.assert_allclose(getattr(stored, name), getattr(expected, name), atol=1e-6)
    assert report.count("| simple_rnn") > 5  # the rows that absorbed the most are the recurrent layer's
    assert "leave at most" in report


@pytest.mark.slow
def test_targets_are_a_class_the_predicted_one_or_one_for_each_sample(tmp_path):
    model = series_model(tmp_path)
    each = np.array([0, 1, 2, 2, 1, 0])
    np.save(tmp_path / "each.npy", each)
    predicted = model(np.load(tmp_path / "x.npy")).numpy().argmax(axis=1)
    for target, expected in (("predicted", predicted), (str(tmp_path / "each.npy"), each)):
        explained(tmp_path, "gradient_x_input", target=target)
        np.testing.assert_array_equal(Explanation.load(tmp_path / "out" / "gradient_x_input.npz").target, expected)
    explained(tmp_path, "gradient_x_input", target="1", against="2")
    contrast = Explanation.load(tmp_path / "out" / "gradient_x_input.npz")
    np.testing.assert_allclose(contrast.value, contrast.logits[:, 1] - contrast.logits[:, 2], rtol=1e-5)


def test_tokens_give_a_page(tmp_path):
    keras.utils.set_random_seed(0)
    layers = [keras.layers.Embedding(4, 3, mask_zero=True), keras.layers.SimpleRNN(4), keras.layers.Dense(2, "softmax")]
    model, x = keras.Sequential([keras.Input((3,), dtype="int32"), *layers]), np.array([[1, 2, 3], [3, 1, 0]])
    (tmp_path / "words.txt").write_text("(padding)\nthe\n<film>\nfine\n")
    words = read_words(tmp_path / "words.txt")
    explain_model(model, x, method_spec(EPSILON), Request(), tmp_path / "out", words)
    assert names_in(tmp_path / "out") == [f"{NAME}.html", f"{NAME}.npz", f"{NAME}.txt"]
    page = (tmp_path / "out" / f"{NAME}.html").read_text()
    assert [word for word, _ in tokens_of(page)] == ["the", "<film>", "fine", "fine", "the", "(padding)"]
    assert tokens_of(page)[-1][1] == "#ffffff"  # masked: exactly zero relevance


# ---- tokens


class Tokens(html.parser.HTMLParser):
    """Collects the words of a page and the colour under each."""

    def __init__(self):
        super().__init__()
        self.tokens, self.colour = [], None

    def handle_starttag(self, tag, attributes):
        self.colour = dict(attributes)["style"].split(";")[0].removeprefix("background:") if tag == "span" else None

    def handle_endtag(self, tag):
        self.colour = None

    def handle_data(self, data):
        if self.colour:
            self.tokens.append((data, self.colour))


def tokens_of(page):
    parser = Tokens()
    parser.feed(page)
    return parser.tokens


def test_a_token_s_colour_is_its_share_of_the_text_s_greatest_relevance():
    page = token_page(np.array([[0, 1, 2]]), [[-2.0, 0.0, 1.0]], ["first"], ["<b>", "&", "größer"])
    # -2 of 2: the first of 257 colours; 0: the middle, white; 1 of 2: three quarters of the way
    expected = ["#0a3d7c", "#ffffff", to_hex(RELEVANCE(0.75))]
    assert tokens_of(page) == list(zip(["<b>", "&", "größer"], expected, strict=True))
    assert page.isascii()


def test_without_a_vocabulary_tokens_are_numbers_and_titles_are_escaped():
    page = token_page(np.array([[7, 0]]), np.zeros((1, 2)), ["<script>"])
    assert tokens_of(page) == [("7", "#ffffff"), ("0", "#ffffff")]
    assert "<script>" not in page


def test_a_vocabulary_keeps_its_empty_lines(tmp_path):
    (tmp_path / "words.txt").write_text("\nthe\n\u2028\nfilm", encoding="utf-8")
    assert read_vocabulary(tmp_path / "words.txt") == ["", "the", "\u2028", "film"]


@pytest.mark.parametrize(
    ("tokens", "words", "message"),
    [
        ([[0, 3]], ["a", "b"], r"^the vocabulary must have a word for each token, it has 2; received 0\.\.3$"),
        ([[-1, 0]], ["a", "b"], r"^the vocabulary must have .*; received -1\.\.0$"),
        ([[0]], None, r"^tokens must be integers of relevance's shape \(1, 2\).*; received int64 of shape \(1, 1\)"),
        ([[0.0, 1.0]], None, r"^tokens must be integers .*; received float64 of shape \(1, 2\)"),
    ],
)
def test_tokens_that_do_not_fit_are_refused(tokens, words, message):
    with pytest.raises(InputError, match=message):
        token_page(np.array(tokens), np.zeros((1, 2)), ["text"], words)


# ---- figures


def explanation_of(relevance, **fields):
    n = len(relevance)
    fields = {
        "logits": np.zeros((n, 3)),
        "target": np.arange(n) % 3,
        "value": np.ones(n),
        "explained": np.ones(n),
    } | fields
    return Explanation(relevance, method="lrp", conserves=True, **fields)


def pictures(figure):
    return [np.asarray(image.get_array()) for axis in figure.axes for image in axis.images]


def test_a_series_is_drawn_with_time_to_the_right_beside_its_input():
    relevance = np.arange(24.0).reshape(2, 4, 3) - 7
    x = np.stack([np.zeros((4, 3)), np.full((4, 3), 5.0)])
    first_input, first, second_input, second = pictures(plot(explanation_of(relevance), x))
    np.testing.assert_array_equal(first, relevance[0].T)
    np.testing.assert_array_equal(second, relevance[1].T)
    np.testing.assert_array_equal([first_input.max(), second_input.min()], [-1, 1])  # least is white, greatest is black
    figure = plot(explanation_of(relevance))
    assert {axis.get_ylabel() for axis in figure.axes} >= {"feature"}
    assert figure.axes[0].images[0].norm.vmax == 7  # max |R| of the first sample: -7..4
    assert figure.axes[0].get_title(loc="left") == "sample 0, class 0 (1): relevance"


@pytest.mark.parametrize(
    ("shape", "arguments", "picture"),
    [
        ((2, 3, 5, 2), {}, (5, 6)),  # [n, steps, rows, columns]: 3 steps of 2 columns side by side
        ((2, 3, 5, 2, 4), {}, (5, 6)),  # and channels
        ((2, 5, 6, 3), {"channels_last": True}, (5, 6)),
        ((2, 7), {}, (1, 7)),
    ],
)
def test_the_shape_decides_the_figure(shape, arguments, picture):
    relevance = np.random.default_rng(0).normal(size=shape)
    alone = pictures(plot(explanation_of(relevance), **arguments))
    assert [drawn.shape for drawn in alone] == [picture] * 2
    if len(shape) > 2:
        np.testing.assert_allclose([drawn.sum() for drawn in alone], relevance.reshape(2, -1).sum(axis=1))
    assert len(pictures(plot(explanation_of(relevance), relevance, **arguments))) == 4


def test_what_cannot_be_drawn_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"^figures are drawn of relevance .*; received \[2\]$"):
        plot(explanation_of(np.zeros(2)))
    with pytest.raises(InputError, match=r"^x must have relevance's shape \(2, 3\); received \(2, 4\)$"):
        plot(explanation_of(np.zeros((2, 3))), np.zeros((2, 4)))
    with pytest.raises(InputError, match=r"^a figure shows one class; .*; received an explanation of every class$"):
        plot(explanation_of(np.zeros((2, 3, 4)), explained=np.zeros((2, 3))))


# ---- the report


def test_the_report_by_hand():
    rows = [Row("dense", None, "bias", np.array([0.1, 0.2])), Row("lstm", 3, "stabiliser", np.array([-0.9, 0.3]))]
    explanation = explanation_of(np.array([[1.0, 0.5], [0.0, 0.0]]), explained=np.array([2.0, 0.0]), ledger=tuple(rows))
    lines = conservation_report(explanation).splitlines()
    assert lines[0] == "lrp on 2 samples; parameters: none"
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("|")]
    # explained 2 and 0; received 1.5 and 0; absorbed 0.5 and 0
    assert ["explained", "1", "0", "2"] in cells
    assert ["received by the input", "0.75", "0", "1.5"] in cells
    assert ["absorbed", "0.25", "0", "0.5"] in cells
    assert "Samples with nothing to share out, whose relevance is zero: 1 of 2" in lines
    # by mean |R|: the LSTM's 0.6 before the dense layer's 0.15, although its mean is -0.3
    assert cells[-2:] == [["lstm", "3", "stabiliser", "-0.3", "0.6"], ["dense", "", "bias", "0.15", "0.15"]]
    # 0.5 - 0.1 + 0.9 = 1.3 and 0 - 0.2 - 0.3 = -0.5 are left
    assert lines[-1] == "2 rows in all; they leave at most 1.3 of a sample unaccounted."


def test_the_report_of_a_complete_method_by_hand():
    # Sums 1.5 and 0.5, which should be 2 and 0.5: the first misses a quarter. Negative: 0.5 of 2.5, and nothing.
    relevance = np.array([[2.0, -0.5, 0.0], [0.5, 0.0, 0.0]])
    complete = {"conserves": False, "expected": np.array([2.0, 0.5]), "masked": np.array([0, 3])}
    explanation = dataclasses.replace(explanation_of(relevance), **complete)
    lines = conservation_report(explanation).splitlines()
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("|")]
    assert ["f(x) - f(baseline)", "1.25", "0.5", "2"] in cells
    assert ["relevance at the input", "1", "0.5", "1.5"] in cells
    assert ["difference", "-0.25", "-0.5", "0"] in cells
    assert ["share that is negative", "0.1", "0", "0.2"] in cells
    assert ["cells hidden by masks", "1.5", "0", "3"] in cells
    assert "Samples whose relevance misses f(x) - f(baseline) by more than 5%: 1 of 2" in lines


# ---- files that cannot be read


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (
            lambda path: (path / "x.npy").unlink(),
            r"^expected an array saved by numpy\.save; received .*x\.npy: .*No such",
        ),
        (
            lambda path: (path / "x.npy").write_text("1 2"),
            r"^expected an array saved by numpy\.save; received .*x\.npy",
        ),
        (lambda path: (path / "my.keras").write_text("model"), r"^expected a \.keras file; received .*damaged"),
        (
            lambda path: np.save(path / "x.npy", np.zeros((2, 4, 3))),
            r"^x must have the shape \[n, 5, 3\].*\[2, 4, 3\]$",
        ),
    ],
)
def test_bad_files_are_told_and_nothing_is_written(tmp_path, damage, message):
    series_model(tmp_path)
    damage(tmp_path)
    with pytest.raises(InputError, match=message):
        explained(tmp_path)
    assert not (tmp_path / "out").exists()


def test_a_vocabulary_without_tokens_is_refused(tmp_path):
    model = series_model(tmp_path)
    x = read_inputs(tmp_path / "x.npy")
    with pytest.raises(InputError, match=r"^a vocabulary is for tokens, .*; received inputs of shape \[\[6, 5, 3\]\]$"):
        explain_model(model, x, method_spec("lrp_epsilon"), Request(), tmp_path / "out", ["the"])


def test_several_inputs_by_name_and_no_figure(tmp_path):
    inputs = {"x": keras.Input((4, 2), name="x"), "static": keras.Input((3,), name="static")}
    read = keras.layers.Concatenate()([keras.layers.SimpleRNN(2)(inputs["x"]), inputs["static"]])
    model = keras.Model(inputs, keras.layers.Dense(2)(read))
    given = {"x": np.ones((5, 4, 2)), "static": np.ones((5, 3))}
    np.savez(tmp_path / "x.npz", **given)
    x = read_inputs(tmp_path / "x.npz")
    explain_model(model, x, method_spec("lrp_epsilon"), Request("1"), tmp_path / "out")
    assert names_in(tmp_path / "out") == ["lrp_epsilon.npz", "lrp_epsilon.txt"]
    stored = Explanation.load(tmp_path / "out" / "lrp_epsilon.npz")
    expected = explain(model, given, 1, "lrp_epsilon")
    for name in given:
        np.testing.assert_allclose(stored.relevance[name], expected.relevance[name], rtol=1e-5)
    np.savez(tmp_path / "one.npz", given["x"])
    assert read_inputs(tmp_path / "one.npz").shape == (5, 4, 2)
    assert read_samples(tmp_path / "one.npz", 3).shape == (3, 4, 2)
    with pytest.raises(InputError, match=r"^a model of one input is asked for, and its array; received .* of "):
        read_samples(tmp_path / "x.npz")


# ---- the command line


def test_the_command_of_the_manual(tmp_path):
    series_model(tmp_path)
    files = (f"--model={tmp_path / 'my.keras'}", f"--input={tmp_path / 'x.npy'}", f"--out_dir={tmp_path / 'out'}")
    flags = ("--target=1", "--methods=lrp(alpha=2, beta=1, inputs=real)", "--ledger")
    done = run("explain", *files, *flags, cwd=tmp_path)
    assert done.status == 0, done.err
    name = "lrp_alpha_2_beta_1_inputs_real"
    assert names_in(tmp_path / "out") == [f"{name}.npz", f"{name}.png", f"{name}.txt"]
    stored = Explanation.load(tmp_path / "out" / f"{name}.npz")
    assert (stored.parameters["alpha"], stored.parameters["inputs"], set(stored.target)) == (2.0, "real", {1})
    assert (tmp_path / "out" / f"{name}.txt").read_text() in done.out


LAYER = """
import keras

@keras.saving.register_keras_serializable("mine")
class Twice(keras.layers.Layer):
    def call(self, x):
        return 2 * x
"""


def test_layers_of_one_s_own_are_imported_and_lambdas_only_where_it_is_said_to_be_safe(tmp_path):
    (tmp_path / "my_layers.py").write_text(LAYER)
    run_file(tmp_path / "my_layers.py")
    twice = keras.saving.get_registered_object("mine>Twice")
    last = keras.layers.Lambda(lambda x: x + 1.0)
    keras.Sequential([keras.Input((3, 2)), twice(), keras.layers.LSTM(2), last]).save(tmp_path / "my.keras")
    np.save(tmp_path / "x.npy", np.ones((2, 3, 2)))
    files = ("--model=my.keras", "--input=x.npy", "--out_dir=out", "--target=0")
    done = run("explain", *files, cwd=tmp_path)
    assert done.status == 1
    assert done.error.endswith("register_keras_serializable; --import=FILE.py runs its file)")
    done = run("explain", *files, "--import=my_layers.py", cwd=tmp_path)
    assert done.status == 1
    assert done.error.endswith("(--unsafe loads it, if you trust the file)")
    assert not (tmp_path / "out").exists()
    own = ("--import=my_layers.py", "--unsafe")
    done = run("explain", *files, *own, cwd=tmp_path)
    assert done.status == 0, done.err
    assert names_in(tmp_path / "out") == ["lrp_epsilon.npz", "lrp_epsilon.png", "lrp_epsilon.txt"]  # chosen
    done = run("explain", "--model=my.keras", "--dry_run", *own, cwd=tmp_path)
    assert [line.split()[1:3] for line in done.out.splitlines()[:3]] == [
        ["Twice", "yes"],
        ["LSTM", "yes"],
        ["Lambda", "yes"],
    ]
    assert done.out.splitlines()[-1] == "0 of 3 layers are not covered; without --methods: lrp_epsilon"
    (tmp_path / "broken.py").write_text("import keras\nkeras.nothing\n")
    done = run("explain", *files, "--import=broken.py", cwd=tmp_path)
    assert done.error == (
        "error: the file of your layers must run; received broken.py, line 2: AttributeError: module 'keras' has no "
        "attribute 'nothing'"
    )


def test_a_composite_of_one_s_own(tmp_path):
    model = series_model(tmp_path)
    files = (f"--model={tmp_path / 'my.keras'}", f"--input={tmp_path / 'x.npy'}", f"--out_dir={tmp_path / 'out'}")
    rules = "epsilon(0.01), first=flat, gates=half, signed=true"
    done = run("explain", *files, "--target=1", f"--methods=composite({rules})", cwd=tmp_path)
    assert done.status == 0, done.err
    [path] = (tmp_path / "out").glob("*.npz")
    stored = Explanation.load(path)
    expected = explain(model, np.load(tmp_path / "x.npy"), 1, f"composite({rules})")
    np.testing.assert_allclose(stored.relevance, expected.relevance, rtol=1e-4, atol=1e-6)
    assert [stored.parameters[name] for name in ("rule", "first", "gates", "signed")] == [
        expected.parameters[name] for name in ("rule", "first", "gates", "signed")
    ]
    assert stored.parameters["first"] == "flat"
    assert "composite on 6 samples; parameters: rule=epsilon(" in done.out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), r"either --run_dir, a run, or --model, .*; received neither"),
        (("--run_dir=a", "--model=b"), r"either --run_dir, a run, or --model, .*; received both"),
        (("--run_dir=a", "--target=1", "--head=1"), r"--run_dir does not go with .*; received --target, --head"),
        (("--model=a", "--samples=3"), r"--model does not go with .*; received --samples"),
        (("--model=a", "--input=x.npy"), r"--model needs .*; received none for --out_dir"),
    ],
)
def test_flags_that_do_not_fit_end_in_one_line(tmp_path, arguments, message):
    assert re.fullmatch(message, refusal("explain", *arguments, cwd=tmp_path))
