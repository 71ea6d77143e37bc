"""The corpus report of models of one's own: what is written, what is counted, what is refused."""

import keras
import numpy as np
import pytest

from thesis_rnn.attribution import explain, method_spec
from thesis_rnn.errors import InputError
from thesis_rnn.runs.corpus_stage import Asked, report_corpus_of_model

RNG = np.random.default_rng(0)
SPEC = method_spec("gradient_x_input")


def dense(shape, classes, seed=0):
    keras.utils.set_random_seed(seed)
    layers = [keras.Input(shape), keras.layers.Flatten()]
    layers += [keras.layers.Dense(classes, "softmax")]
    return keras.Sequential(layers, name=f"dense_{seed}")


@pytest.fixture(scope="module")
def series():
    x = RNG.normal(size=(40, 4, 2)).astype(np.float32)
    return dense((4, 2), 3), x, (x[:, 0, 0] > 0).astype(np.int32)


def test_two_models_and_a_mask(series, tmp_path):
    model, x, y = series
    np.save(tmp_path / "y.npy", y)
    np.save(tmp_path / "mask.npy", np.eye(4, 2))
    models = {"one": model, "two": dense((4, 2), 3, seed=1)}
    asked = Asked(target=str(tmp_path / "y.npy"))
    page = report_corpus_of_model(models, x, SPEC, tmp_path / "out", asked, str(tmp_path / "mask.npy"))
    right = (model.predict(x, verbose=0).argmax(axis=1) == y).mean()
    assert page.startswith(f"# one: {SPEC.label} over 40 samples, accuracy {right:.2%}\n")
    for title in ("each feature", "each step", "Windows", "inside the mask", "Clusters", " one ", "Mean cosine"):
        assert title in page
    files = {path.name for path in (tmp_path / "out").iterdir()}
    assert files == {"report.md", "means.png", "clusters.png", "two_models.png"}


def test_of_predicted_classes_no_accuracy_is_told(series, tmp_path):
    model, x, _ = series
    page = report_corpus_of_model({"one": model}, x, SPEC, tmp_path)
    assert "accuracy" not in page.partition("\n")[0]
    relevance = explain(model, x, None, "gradient_x_input").relevance.sum(axis=(0, 1)) / len(x)
    assert all(f"{mean:.3g}" in page for mean in relevance)


def test_words_count_and_padding_does_not(tmp_path):
    layers = [keras.Input((5,), dtype="int32"), keras.layers.Embedding(6, 3, mask_zero=True), keras.layers.SimpleRNN(3)]
    model = keras.Sequential([*layers, keras.layers.Dense(2, "softmax")])
    x = RNG.integers(1, 6, (20, 5))
    x[:, 4] = 0
    page = report_corpus_of_model({"text": model}, x, SPEC, tmp_path, Asked(vocabulary=["", *"abcde"]))
    rows = page.partition("## Words")[2].partition("##")[0]
    assert all(f"| {word} " in rows for word in "abcde")
    assert len([line for line in rows.splitlines() if line.startswith("|")]) == 2 + 5
    with pytest.raises(InputError, match=r"^the vocabulary must have a word for each token; received 3 and 5"):
        report_corpus_of_model({"text": model}, x, SPEC, tmp_path, Asked(vocabulary=["", "a", "b"]))


def test_images_with_their_channels_last(tmp_path):
    x = RNG.normal(size=(12, 4, 3, 2)).astype(np.float32)
    page = report_corpus_of_model({"net": dense((4, 3, 2), 2)}, x, SPEC, tmp_path, Asked(channels_last=True))
    assert "each row" in page
    assert "each column" in page


def test_few_samples_have_no_clusters(series, tmp_path):
    model, x, _ = series
    assert "Fewer than 10 samples" in report_corpus_of_model({"one": model}, x[:9], SPEC, tmp_path)


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        (Asked(target="9"), "target must lie in 0..2"),
        (Asked(target="five"), "target must be a class, 'predicted' or a .npy file"),
        (Asked(vocabulary=["a"]), "a vocabulary is for tokens"),
        (Asked(channels_last=True), "channels_last is for samples"),
    ],
)
def test_bad_requests_are_refused(series, tmp_path, asked, message):
    model, x, _ = series
    with pytest.raises(InputError, match=f"^{message}"):
        report_corpus_of_model({"one": model}, x, SPEC, tmp_path, asked)
