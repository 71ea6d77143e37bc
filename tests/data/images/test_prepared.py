"""Reading what tensorflow-datasets prepared: a small data set called mnist is written with it, then read."""

import pathlib
import shutil
import socket

import numpy as np
import pytest

from tests.helpers.idx_writing import small_images, write_data_set
from thesis_rnn import data
from thesis_rnn.data.images import published
from thesis_rnn.data.images.prepared import find_prepared
from thesis_rnn.errors import InputError

COUNTS = {"train": 120, "test": 30}


def small_mnist(home: pathlib.Path):
    """A builder with the name, the features and the keys of TFDS' own MNIST, and ``small_images`` for content."""
    import tensorflow_datasets as tfds

    with tfds.core.registered.skip_registration():

        class Mnist(tfds.core.GeneratorBasedBuilder):
            VERSION = tfds.core.Version("3.0.1")

            def _info(self):
                image = tfds.features.Image(shape=(28, 28, 1))
                label = tfds.features.ClassLabel(num_classes=10)
                features = tfds.features.FeaturesDict({"image": image, "label": label})
                return tfds.core.DatasetInfo(builder=self, features=features)

            def _split_generators(self, dl_manager):
                return {part: self._generate_examples(count) for part, count in COUNTS.items()}

            def _generate_examples(self, count):
                for index, (pixels, label) in enumerate(zip(*small_images(count, seed=count), strict=True)):
                    yield index, {"image": pixels[..., np.newaxis], "label": int(label)}

    return Mnist(data_dir=str(home))


@pytest.fixture(scope="module")
def prepared_once(tmp_path_factory) -> pathlib.Path:
    import tensorflow_datasets as tfds

    home = tmp_path_factory.mktemp("home")
    tfds.disable_progress_bar()
    # In three pieces, so that reading them in another order would show.
    small_mnist(home).download_and_prepare(download_config=tfds.download.DownloadConfig(num_shards=3))
    return home


@pytest.fixture
def home(prepared_once, tmp_path) -> pathlib.Path:
    """A copy that a test may damage."""
    return pathlib.Path(shutil.copytree(prepared_once, tmp_path / "home"))


@pytest.fixture(autouse=True)
def no_network(monkeypatch, tmp_path):
    def refuse(*arguments):
        raise AssertionError(f"reading a prepared data set must not use the network; received {arguments}")

    monkeypatch.delenv("THESIS_RNN_DATA_DIR", raising=False)
    monkeypatch.setenv("TFDS_DATA_DIR", str(tmp_path / "elsewhere"))
    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(published, "can_connect", refuse)


def expect_small_images(images, part):
    pixels, labels = small_images(COUNTS[part], seed=COUNTS[part])
    np.testing.assert_array_equal(images.pixels, pixels)
    np.testing.assert_array_equal(images.labels, labels)


def test_the_stored_files_are_in_several_pieces_and_another_order(home):
    import tensorflow_datasets as tfds

    folder = home / "mnist" / "3.0.1"
    assert len(list(folder.glob("mnist-train*"))) == 3
    stored = tfds.as_numpy(tfds.builder_from_directory(str(folder)).as_dataset(split="train", batch_size=-1))
    assert (stored["label"] != np.arange(120) % 10).any()


@pytest.mark.parametrize("way", ["data_dir", "TFDS_DATA_DIR", "THESIS_RNN_DATA_DIR"])
def test_all_ways_to_name_the_folder_give_the_canonical_order(home, monkeypatch, way):
    if way != "data_dir":
        monkeypatch.setenv(way, str(home))
    data_dir = home if way == "data_dir" else None
    assert data.is_available("mnist", data_dir)
    # A sixth of 120 train images, the last 20, is the validation set.
    train, validation = (data.load_images("mnist", split, data_dir) for split in ("train", "validation"))
    assert len(validation.labels) == 20
    assert train.pixels.dtype == np.uint8
    assert train.labels.dtype == np.int32
    expect_small_images(data.Images(*map(np.concatenate, zip(train, validation, strict=True))), "train")
    expect_small_images(data.load_images("mnist", "test", data_dir), "test")
    assert data.load("mnist_maj", "test", data_dir=data_dir).x.shape == (30, 12, 28, 7)


def test_both_sources_give_the_same_sequences(home, tmp_path):
    write_data_set(tmp_path / "idx" / "mnist", test=30, seed=29)  # its test images come from seed 30, as those above
    prepared, idx = (data.load("mnist_maj", "test", data_dir=folder) for folder in (home, tmp_path / "idx"))
    for one, other in zip(prepared, idx, strict=True):
        np.testing.assert_array_equal(one, other)


def test_idx_files_come_before_a_prepared_data_set(home):
    write_data_set(home / "mnist", test=12)
    assert len(data.load_images("mnist", "test", home).labels) == 12


def test_the_newest_complete_version_is_taken(tmp_path):
    versions = tmp_path / "mnist"
    for version in ("2.0.0", "3.0.1", "3.0.10", "3.0.11.incompleteA1B2", "4.0.0"):
        (versions / version).mkdir(parents=True)
        (versions / version / "dataset_info.json").touch()
    (versions / "3.1.0").mkdir()  # without dataset_info.json: never finished
    assert find_prepared(tmp_path, "mnist") == versions / "3.0.10"
    assert find_prepared(tmp_path, "fashion_mnist") is None


def test_damaged_files_are_refused(home):
    shard = next((home / "mnist" / "3.0.1").glob("mnist-test*"))
    shard.write_bytes(shard.read_bytes()[:-20])
    with pytest.raises(InputError, match=r"3\.0\.1: expected an undamaged prepared data set; received .*") as raised:
        data.load_images("mnist", "test", home)
    assert "\n" not in str(raised.value)


@pytest.fixture
def builder_asked_for(monkeypatch, tmp_path):
    """Connected, with nothing on disk; TFDS' own MNIST is replaced by the small one, which needs no download."""
    import tensorflow_datasets as tfds

    asked = []

    def builder(name, data_dir):
        asked.append((name, data_dir))
        return small_mnist(pathlib.Path(data_dir))

    monkeypatch.setattr(published, "can_connect", lambda host, port: True)
    monkeypatch.setattr(tfds, "builder", builder)
    return asked


def test_what_is_nowhere_is_downloaded_once(builder_asked_for, tmp_path):
    expect_small_images(data.load_images("mnist", "test"), "test")
    expect_small_images(data.load_images("mnist", "test"), "test")
    assert builder_asked_for == [("mnist", str(tmp_path / "elsewhere"))]


def test_a_failed_download_is_one_line(builder_asked_for, tmp_path, monkeypatch):
    import tensorflow_datasets as tfds

    def fail(*arguments, **options):
        raise ConnectionResetError("reset by peer\nwith details")

    monkeypatch.setattr(tfds.core.GeneratorBasedBuilder, "download_and_prepare", fail)
    home = tmp_path / "elsewhere"
    expected = rf"^tensorflow-datasets could not download mnist to {home}; received reset by peer$"
    with pytest.raises(InputError, match=expected):
        data.load_images("mnist", "test")
    assert not home.exists()
