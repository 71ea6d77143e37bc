"""``explain_shards`` against ``explain`` of all samples together: the same numbers, whoever computes them."""

import functools
import io
import json
import sys

import keras
import numpy as np
import pytest

import thesis_rnn
from tests.helpers import front_end_process
from thesis_rnn.attribution import explain
from thesis_rnn.errors import InputError
from thesis_rnn.shards import explain_shards, work, writers
from thesis_rnn.shards.content import open_shard
from thesis_rnn.shards.readers import READERS, Input
from thesis_rnn.shards.writers import WRITERS
from thesis_rnn.support.storage import folder_of

METHOD = "lrp_epsilon(epsilon=0.01)"
EVERY_CLASS = "measures are of the relevance of one class; leave out every_class; received gini"
ROWS = {"a": 3, "b": 5, "c": 2}
"""Shard -> its samples."""


@functools.cache
def model():
    keras.utils.set_random_seed(0)
    return keras.Sequential([keras.Input((4, 3)), keras.layers.SimpleRNN(3), keras.layers.Dense(2, "softmax")])


def samples(name):
    return np.random.default_rng(ord(name)).normal(size=(ROWS[name], 4, 3)).astype(np.float32)


def write(folder, kind="npz"):
    """Three shards with ids and classes."""
    folder.mkdir()
    for name, count in ROWS.items():
        arrays = {"x": samples(name), "id": np.array([f"{name}{row}" for row in range(count)])}
        arrays["y"] = np.arange(count, dtype=np.int32) % 2
        if kind == "npz":
            np.savez(folder / f"{name}.npz", **arrays)
        elif kind == "npy":
            np.save(folder / f"{name}.npy", arrays["x"])
        else:
            write_file(folder / f"{name}.parquet", arrays)
    return folder


def write_file(path, arrays):
    with WRITERS[path.suffix](path) as writer:
        writer.add(arrays, {})


def explained(folder, kind="npz", **more):
    return explain_shards(model(), folder / f"in/*.{kind}", folder / "out", METHOD, **({"target": "y"} | more))


def content(folder):
    """The bytes of every explanation."""
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir()) if path.suffix in (".npz", ".parquet")}


def expected(name):
    return thesis_rnn.explain(model(), samples(name), np.arange(ROWS[name]) % 2, METHOD, xla=False)


def test_every_shard_holds_what_explain_gives_in_its_order(tmp_path):
    write(tmp_path / "in")
    done = explained(tmp_path)
    assert (done.samples, done.shards, done.skipped, done.failed) == (10, 3, 0, {})
    for name, count in ROWS.items():
        with np.load(tmp_path / "out" / f"{name}.npz") as stored:
            assert stored["id"].tolist() == [f"{name}{row}" for row in range(count)]
            for field in ("relevance", "logits", "target", "value", "explained"):
                np.testing.assert_array_equal(stored[field], getattr(expected(name), field))
            assert json.loads(str(stored["record"]))["method"] == METHOD


def test_means_over_shards_are_those_of_all_samples_together(tmp_path):
    write(tmp_path / "in")
    done = explained(tmp_path, measures="gini")
    whole = [expected(name) for name in ROWS]
    for name in ("value", "received", "absorbed", "negative_share"):
        values = np.concatenate([getattr(each, name) for each in whole])
        np.testing.assert_allclose(done.means[name], thesis_rnn.statistics.mean_interval(values), rtol=1e-6)
    assert done.means["gini"].n == 10
    manifest = json.loads((tmp_path / "out/manifest.json").read_text())
    assert [shard["samples"] for shard in manifest["shards"]] == [3, 5, 2]
    assert manifest["account"]["explained"]["n"] == 10
    assert set(manifest["job"]["versions"]) == {"thesis_rnn", "tensorflow", "keras"}


def test_parquet_in_and_out_has_the_same_rows(tmp_path):
    write(tmp_path / "in", "parquet")
    explained(tmp_path, "parquet")
    with (tmp_path / "out/b.parquet").open("rb") as file:
        read = open_shard(file, "b.parquet", [Input("relevance", (4, 3))], "target")
    assert read.ids.tolist() == [f"b{row}" for row in range(5)]
    assert read.target.tolist() == [0, 1, 0, 1, 0]

    import pyarrow.parquet

    table = pyarrow.parquet.read_table(tmp_path / "out/b.parquet")
    kind = table.schema.field("relevance").type
    assert (kind.list_size, str(kind.value_type)) == (12, "float")
    rows = np.array(table.column("relevance").to_pylist(), np.float32).reshape(5, 4, 3)
    np.testing.assert_array_equal(rows, expected("b").relevance)


def test_npy_shards_have_ids_of_their_name_and_row_and_predicted_classes(tmp_path):
    write(tmp_path / "in", "npy")
    explained(tmp_path, "npy", target=None, form="npz")
    with np.load(tmp_path / "out/c.npz") as stored:
        assert stored["id"].tolist() == ["c/0", "c/1"]
        np.testing.assert_array_equal(stored["target"], stored["logits"].argmax(axis=1))


def test_a_second_call_does_only_what_is_missing_or_changed(tmp_path):
    write(tmp_path / "in")
    explained(tmp_path)
    before = content(tmp_path / "out")
    assert explained(tmp_path).skipped == 3
    (tmp_path / "out/a.npz").unlink()
    assert explained(tmp_path).skipped == 2
    assert content(tmp_path / "out") == before
    np.savez(tmp_path / "in/b.npz", x=samples("b")[:4], y=np.zeros(4, int))
    again = explained(tmp_path)
    assert (again.skipped, again.samples) == (2, 9)


def test_a_file_that_was_damaged_since_is_made_again_and_named(tmp_path):
    write(tmp_path / "in")
    explained(tmp_path)
    before = content(tmp_path / "out")
    damaged = bytearray(before["a.npz"])
    damaged[len(damaged) // 2] ^= 1  # one bit, of a file as long as before
    (tmp_path / "out/a.npz").write_bytes(damaged)
    assert explained(tmp_path, checksums=False).skipped == 3
    (tmp_path / "out/records/b.npz.json").write_text("{")
    (tmp_path / "out/records/c.npz.json").write_text("{}")
    named = ["a.npz", "records/b.npz.json", "records/c.npz.json"]
    told = rf"^3 files were other than their records say, and were made again; received {', '.join(named)}$"
    with pytest.warns(UserWarning, match=told):
        done = explained(tmp_path)
    assert (done.samples, done.skipped, list(done.damaged)) == (10, 0, named)
    assert "\ndamaged, and made again: a.npz\n" in repr(done)
    assert content(tmp_path / "out") == before
    (tmp_path / "out/job.json").write_text("{")
    with pytest.raises(InputError, match=r"^expected JSON; choose another folder; received .*job.json, .* damaged$"):
        explained(tmp_path)


@pytest.mark.parametrize("kind", ["npz", "npy", "parquet"])
def test_blocks_of_a_shard_are_the_bytes_of_the_whole(tmp_path, monkeypatch, kind):
    write(tmp_path / "in", kind)
    more = {"batch_size": 2, "measures": "gini"} | ({"target": None} if kind == "npy" else {})
    whole = explained(tmp_path, kind, **more)
    with monkeypatch.context() as small:
        small.setattr(work, "BLOCK", 4 * 48 + 1)  # bytes: samples are 4 x 3 float32, so that a block is of 4, 2 batches
        called = []
        small.setattr(work, "explain", lambda *given, **more: called.append(len(given[1])) or explain(*given, **more))
        parts = explain_shards(model(), tmp_path / f"in/*.{kind}", tmp_path / "parts", METHOD, **{"target": "y"} | more)
    assert called == [3, 4, 1, 2]  # of 3, 5 and 2 samples
    assert parts.failed == {}
    for name, mean in whole.means.items():
        np.testing.assert_allclose(parts.means[name], mean, rtol=1e-12)
    if kind == "parquet":  # whose row groups are the blocks
        import pyarrow.parquet

        for name in ROWS:
            places = [tmp_path / folder / f"{name}.parquet" for folder in ("out", "parts")]
            first, second = map(pyarrow.parquet.read_table, places)
            assert first.equals(second, check_metadata=True)
    else:
        assert content(tmp_path / "parts") == content(tmp_path / "out")


def test_a_shard_of_which_a_block_needs_float64_is_float64_throughout(tmp_path, monkeypatch):
    write(tmp_path / "in")
    called = []

    def in_float64_from_the_second_block_on(*given, **options):
        called.append(options.get("dtype"))
        return explain(*given, **{"dtype": "float64" if len(called) == 2 else None} | options)

    monkeypatch.setattr(work, "BLOCK", 1)
    monkeypatch.setattr(work, "explain", in_float64_from_the_second_block_on)
    done = explain_shards(model(), tmp_path / "in/a.npz", tmp_path / "out", METHOD, target="y", batch_size=2)
    assert (done.failed, called) == ({}, [None, None, "float64", "float64"])
    whole = explain(model(), samples("a"), np.arange(3) % 2, METHOD, xla=False, batch_size=2, dtype="float64")
    with np.load(tmp_path / "out/a.npz") as stored:
        assert stored["relevance"].dtype == np.float64
        np.testing.assert_array_equal(stored["relevance"], whole.relevance)
    assert done.means["received"].n == 3


def test_nothing_stays_of_a_shard_that_has_become_bad(tmp_path):
    write(tmp_path / "in")
    explained(tmp_path)
    (tmp_path / "in/b.npz").write_bytes(b"no shard any more")
    with pytest.warns(UserWarning, match=r"^1 of 3 shards failed, .*: b.npz: expected a whole .npz file"):
        done = explained(tmp_path)
    assert (done.samples, done.skipped) == (5, 2)
    assert sorted(content(tmp_path / "out")) == ["a.npz", "c.npz"]
    assert not (tmp_path / "out/records/b.npz.json").exists()


def test_a_bad_shard_is_named_and_the_others_go_on(tmp_path):
    write(tmp_path / "in")
    np.savez(tmp_path / "in/b.npz", x=np.ones((5, 4, 2)), y=np.zeros(5, int))  # of another shape
    (tmp_path / "in/d.npz").write_bytes((tmp_path / "in/a.npz").read_bytes()[:200])  # cut
    np.savez(tmp_path / "in/e.npz", x=samples("a"), y=np.zeros(3, int), id=np.array(["a1", "e1", "e2"]))
    np.savez(tmp_path / "in/f.npz", x=np.full((1, 4, 3), np.nan), y=np.zeros(1, int))
    with pytest.warns(UserWarning, match=r"^4 of 6 shards failed, see .*manifest.json: b.npz: "):
        done = explained(tmp_path)
    assert list(done.failed) == ["b.npz", "d.npz", "e.npz", "f.npz"]
    assert done.samples == 5
    assert done.failed["d.npz"].startswith("expected a whole .npz file; received d.npz")
    assert done.failed["e.npz"] == "ids must differ in all shards; received a1 also in a.npz"
    assert all("\n" not in reason and len(reason) <= 400 for reason in done.failed.values())
    assert sorted(content(tmp_path / "out")) == ["a.npz", "c.npz"]


def test_a_full_disk_costs_its_shard_only(tmp_path, monkeypatch):
    write(tmp_path / "in")
    whole = writers.NpzWriter._finish

    def full(writer):
        whole(writer)
        if ".b-" in writer._path.name:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(writers.NpzWriter, "_finish", full)
    with pytest.warns(UserWarning, match=r"b.npz: OSError: \[Errno 28\] No space left"):
        assert explained(tmp_path).samples == 5
    names = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert names == [".lock", "a.npz", "c.npz", "job.json", "manifest.json", "records"]


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"target": 1.5}, "target must be a class, the name of an array or None; received float"),
        ({"batch_size": 0}, "batch_size must be a whole number of at least 1; received 0"),
        ({"workers": 0}, "workers must be a whole number of at least 1; received 0"),
        ({"executor": "dask"}, "executor must be processes or ray; received 'dask'"),
        ({"address": "auto"}, "address is of a Ray cluster; use executor='ray'; received 'auto'"),
        ({"form": "csv"}, "form must be npz or parquet; received 'csv'"),
        ({"ledger": True}, "shards keep relevance alone; leave out what explain has beside it; received ledger"),
        ({"measures": "gini", "target": None, "every_class": True}, EVERY_CLASS),
        ({"measures": "roc_auc"}, "name the array that marks evidence, evidence=; received none for roc_auc"),
        ({"evidence": "e"}, "evidence is for measures, such as pointing_game; received 'e' without any"),
        ({"measures": "cosine"}, "measures of shards are of relevance and evidence, such as gini; received cosine"),
    ],
)
def test_bad_requests_are_refused_before_anything_is_written(tmp_path, change, refusal):
    write(tmp_path / "in")
    with pytest.raises(InputError) as error:
        explained(tmp_path, **change)
    assert str(error.value) == refusal
    assert not (tmp_path / "out").exists()


def test_folders_of_others_are_refused(tmp_path):
    write(tmp_path / "in")
    with pytest.raises(InputError, match=r"^output must be a folder that can be written; received /dev/null/out: "):
        explain_shards(model(), tmp_path / "in/*.npz", "/dev/null/out", METHOD)
    with pytest.raises(InputError, match=r"^output must be another folder than that of the inputs; received"):
        explain_shards(model(), tmp_path / "in/*.npz", tmp_path / "in", METHOD)
    with pytest.raises(InputError, match=r"^expected files, as in in/\*.npz; received .*\*.npy, which fits none$"):
        explained(tmp_path, "npy")
    with pytest.raises(InputError, match=r"parameter"):
        explained(tmp_path, gates="nothing", colour=3)
    explained(tmp_path)
    with pytest.raises(InputError, match=r"^output holds explanations of another kind; .* received target y$"):
        explained(tmp_path, target=0)
    (tmp_path / "in/a.npy").write_bytes(b"")
    with pytest.raises(InputError, match=r"^shards need names of their own; received a.npy and a.npz$"):
        explain_shards(model(), tmp_path / "in/*", tmp_path / "other", METHOD)


# ---- from the command line


def test_the_command_line_explains_shards_and_names_bad_ones(tmp_path):
    write(tmp_path / "in")
    model().save(tmp_path / "my.keras")
    command = ("explain", "--model=my.keras", "--input=in/*.npz", "--output=out", f"--methods={METHOD}", "--target=y")
    command += ("--measures=gini",)
    done = front_end_process.run(*command, cwd=tmp_path)
    assert done.status == 0, done.err
    assert done.out.startswith("10 samples in 3 shards in ")
    assert "\ngini: 0." in done.out
    with np.load(tmp_path / "out/a.npz") as stored:
        np.testing.assert_allclose(stored["relevance"], expected("a").relevance, atol=1e-6)
    np.savez(tmp_path / "in/d.npz", x=np.ones((2, 4, 3)))
    done = front_end_process.run(*command, cwd=tmp_path)
    assert (done.status, done.err.splitlines()[-1]) == (
        1,
        "error: 1 shards failed; mend them and repeat the command; received d.npz",
    )
    assert "failed: d.npz: expected classes as 'y', beside x; received d.npz" in done.out
    done = front_end_process.run(*command, "--ledger", cwd=tmp_path)
    assert done.error.endswith("; received --ledger")


# ---- other models, other places


@pytest.mark.parametrize("form", ["npz", "parquet"])
def test_several_inputs_and_every_class_come_back_by_name(tmp_path, form):
    keras.utils.set_random_seed(1)
    series, fixed = keras.Input((3, 2), name="series"), keras.Input((2,), name="fixed")
    joined = keras.layers.Concatenate()([keras.layers.SimpleRNN(2)(series), fixed])
    both = keras.Model({"series": series, "fixed": fixed}, keras.layers.Dense(2)(joined))
    rng = np.random.default_rng(0)
    x = {"series": rng.normal(size=(4, 3, 2)).astype("f4"), "fixed": rng.normal(size=(4, 2)).astype("f4")}
    (tmp_path / "in").mkdir()
    write_file(tmp_path / f"in/a.{form}", x | {"id": np.arange(4)})
    done = explain_shards(both, tmp_path / "in/*", tmp_path / "out", "gradient_x_input", every_class=True)
    assert done.failed == {}
    whole = thesis_rnn.explain(both, x, method="gradient_x_input", every_class=True, xla=False)
    with (tmp_path / f"out/a.{form}").open("rb") as file:
        stored = READERS[f".{form}"](file, ())
        assert stored.whole("id").tolist() == [0, 1, 2, 3]
        for name, relevance in whole.relevance.items():  # [4, classes, ...]
            np.testing.assert_array_equal(stored.whole(f"relevance/{name}"), relevance)
        np.testing.assert_array_equal(stored.whole("value"), whole.value)


def test_tokens_and_urls(tmp_path):
    keras.utils.set_random_seed(0)
    layers = [keras.layers.Embedding(7, 3), keras.layers.SimpleRNN(2), keras.layers.Dense(2)]
    words = keras.Sequential([keras.Input((5,), dtype="int32"), *layers])
    x = np.random.default_rng(0).integers(7, size=(3, 5))
    (tmp_path / "in").mkdir()
    np.save(tmp_path / "in/a.npy", x)
    url = f"memory://{tmp_path.name}"
    first, again = (explain_shards(words, f"file://{tmp_path}/in/*.npy", url, "lrp_epsilon", target=1) for _ in "12")
    assert (first.samples, first.skipped, again.skipped) == (3, 0, 1)
    with np.load(io.BytesIO(folder_of(url).read("a.npz"))) as stored:
        expected = thesis_rnn.explain(words, x, 1, "lrp_epsilon", xla=False)
        np.testing.assert_array_equal(stored["relevance"], expected.relevance)


def test_measures_leave_out_what_is_masked(tmp_path):
    keras.utils.set_random_seed(0)
    layers = [keras.layers.Embedding(7, 3, mask_zero=True), keras.layers.LSTM(2), keras.layers.Dense(2)]
    words = keras.Sequential([keras.Input((5,), dtype="int32"), *layers])
    x = np.array([[1, 2, 3, 0, 0], [4, 0, 0, 0, 0], [5, 6, 1, 2, 3]])
    (tmp_path / "in").mkdir()
    np.save(tmp_path / "in/a.npy", x)
    done = explain_shards(words, tmp_path / "in/*", tmp_path / "out", "gradient_x_input", target=1, measures="gini")
    relevance = np.abs(thesis_rnn.explain(words, x, 1, "gradient_x_input", xla=False).relevance)

    def gini(amounts):  # the mean difference of two cells, over twice the mean: Chalasani et al. (2020)
        return np.abs(amounts[:, None] - amounts).mean() / (2 * amounts.mean())

    expected = np.mean([gini(row[own].astype(np.float64)) for row, own in zip(relevance, x > 0, strict=True)])
    np.testing.assert_allclose(done.means["gini"].mean, expected, rtol=1e-6)


@pytest.mark.parametrize("form", ["npz", "parquet"])
def test_evidence_of_shards_is_read_with_the_samples(tmp_path, monkeypatch, form):
    (tmp_path / "in").mkdir()
    pointed = []
    for name, count in ROWS.items():
        evidence = np.random.default_rng(count).integers(2, size=(count, 4, 3)).astype(np.int8)
        arrays = {"x": samples(name), "where": evidence, "y": np.arange(count) % 2}
        write_file(tmp_path / f"in/{name}.{form}", arrays)
        most = np.abs(expected(name).relevance.reshape(count, 12)).argmax(axis=1)
        pointed += evidence.reshape(count, 12)[np.arange(count), most].tolist()
    monkeypatch.setattr(work, "BLOCK", 1)
    done = explained(tmp_path, form, measures="pointing_game", evidence="where", batch_size=2)
    assert done.failed == {}
    np.testing.assert_allclose(done.means["pointing_game"].mean, np.mean(pointed), rtol=1e-12)
    assert done.means["pointing_game"].n == 10
    write_file(tmp_path / f"in/d.{form}", {"x": samples("a"), "y": np.zeros(3, int)})
    with pytest.warns(UserWarning, match=rf"d.{form}: expected evidence as 'where', beside x, y; received d.{form}"):
        explained(tmp_path, form, measures="pointing_game", evidence="where", batch_size=2)


def test_a_model_without_a_configuration_is_explained_where_it_is(tmp_path):
    class Own(keras.Model):
        def __init__(self):
            super().__init__()
            self.cell, self.head = keras.layers.SimpleRNN(2), keras.layers.Dense(2)

        def call(self, x):
            return self.head(self.cell(x))

    own = Own()
    own(samples("a"))
    write(tmp_path / "in", "npy")
    done = explain_shards(own, tmp_path / "in/a.npy", tmp_path / "out", "gradient_x_input", target=1)
    assert (done.samples, done.failed) == (3, {})


def test_without_ray_the_extra_is_named(tmp_path, monkeypatch):
    write(tmp_path / "in")
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(InputError, match=r"pip install 'thesis_rnn\[ray\]'"):
        explained(tmp_path, executor="ray")
