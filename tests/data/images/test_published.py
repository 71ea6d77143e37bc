"""Where published images are looked for, in which order, and what is said when they are nowhere."""

import socket
import time

import numpy as np
import pytest

from tests.helpers.idx_writing import STANDARD_NAMES, small_images, write_data_set, write_idx
from thesis_rnn import data
from thesis_rnn.data.images import published
from thesis_rnn.data.images.published import can_connect
from thesis_rnn.errors import InputError


class Connection:
    """Stands in for the probe: answers as told and counts how often it was asked."""

    def __init__(self):
        self.answer, self.asked = False, []

    def __call__(self, host, port):
        self.asked.append((host, port))
        return self.answer


@pytest.fixture(autouse=True)
def connection(monkeypatch, tmp_path):
    """No folder of the machine that runs the tests is searched, and no network is touched."""
    monkeypatch.delenv("THESIS_RNN_DATA_DIR", raising=False)
    monkeypatch.setenv("TFDS_DATA_DIR", str(tmp_path / "tensorflow_datasets"))
    monkeypatch.setattr(published, "can_connect", connection := Connection())
    return connection


def test_data_dir_is_read_in_canonical_order(tmp_path):
    write_data_set(tmp_path / "mnist", train=60, test=30)
    pixels, labels = small_images(60, seed=0)
    # A train file of 60 is below 30,000: validation is its last sixth, 10 images.
    train = data.load_images("mnist", "train", tmp_path)
    validation = data.load_images("mnist", "validation", tmp_path)
    np.testing.assert_array_equal(train.pixels, pixels[:50])
    np.testing.assert_array_equal(train.labels, labels[:50])
    np.testing.assert_array_equal(validation.pixels, pixels[50:])
    np.testing.assert_array_equal(validation.labels, labels[50:])
    test = data.load_images("mnist_maj", "test", tmp_path)
    np.testing.assert_array_equal(test.pixels, small_images(30, seed=1)[0])
    assert test.labels.dtype == np.int32


@pytest.mark.parametrize("spelling", ["{}-{}-idx{}-ubyte", "{}-{}.idx{}-ubyte"])
@pytest.mark.parametrize("suffix", ["", ".gz"])
def test_all_spellings_are_found(tmp_path, spelling, suffix):
    pixels, labels = small_images(12)
    write_idx(tmp_path / "mnist" / (spelling.format("t10k", "images", 3) + suffix), pixels)
    write_idx(tmp_path / "mnist" / (spelling.format("t10k", "labels", 1) + suffix), labels)
    np.testing.assert_array_equal(data.load_images("mnist", "test", tmp_path).pixels, pixels)


def test_files_directly_in_a_folder_count_only_under_its_own_name(tmp_path, monkeypatch):
    write_data_set(tmp_path / "fashion_mnist")
    assert data.is_available("fashion_mnist", tmp_path / "fashion_mnist")
    assert not data.is_available("mnist", tmp_path / "fashion_mnist")
    write_data_set(tmp_path / "images")
    assert not data.is_available("mnist", tmp_path / "images")
    monkeypatch.chdir(tmp_path / "fashion_mnist")
    assert data.is_available("fashion_mnist", ".")


def test_data_dir_comes_before_the_environment(tmp_path, monkeypatch, connection):
    write_data_set(tmp_path / "given" / "mnist", seed=10)
    write_data_set(tmp_path / "environment" / "mnist", seed=20)
    monkeypatch.setenv("THESIS_RNN_DATA_DIR", str(tmp_path / "environment"))
    given = data.load_images("mnist", "test", tmp_path / "given")
    environment = data.load_images("mnist", "test")
    np.testing.assert_array_equal(given.pixels, small_images(30, seed=11)[0])
    np.testing.assert_array_equal(environment.pixels, small_images(30, seed=21)[0])
    assert not connection.asked


def test_a_given_folder_without_the_images_is_not_passed_over(tmp_path, monkeypatch, connection):
    write_data_set(tmp_path / "environment" / "mnist")
    monkeypatch.setenv("THESIS_RNN_DATA_DIR", str(tmp_path / "environment"))
    (tmp_path / "empty").mkdir()
    connection.answer = True
    assert not data.is_available("mnist", tmp_path / "empty")
    with pytest.raises(InputError, match=rf"received none of them in {tmp_path / 'empty'}$"):
        data.load_images("mnist", "test", tmp_path / "empty")
    assert not connection.asked


def test_the_error_lists_the_three_ways_and_where_it_looked(tmp_path, connection):
    with pytest.raises(InputError) as raised:
        data.load("fashion_mnist_maj", "test")
    message = str(raised.value)
    for way in (
        "--data_dir=DIR with DIR/fashion_mnist/train-images-idx3-ubyte",
        "THESIS_RNN_DATA_DIR=DIR",
        "TFDS_DATA_DIR",
    ):
        assert way in message
    assert "\n" not in message
    host = "fashion-mnist.s3-website.eu-central-1.amazonaws.com"
    assert message.endswith(f"in {tmp_path / 'tensorflow_datasets'} and no connection to {host}:80")
    assert connection.asked == [(host, 80)]


@pytest.mark.parametrize("answer", [True, False])
def test_what_can_be_downloaded_is_available(connection, answer):
    connection.answer = answer
    assert data.is_available("mnist_maj") is answer
    assert connection.asked == [("storage.googleapis.com", 443)]


def test_folders_that_do_not_exist_are_refused(tmp_path, monkeypatch):
    with pytest.raises(InputError, match=rf"^data_dir must be an existing folder; received '{tmp_path}/typo'$"):
        data.load_images("mnist", "test", tmp_path / "typo")
    monkeypatch.setenv("THESIS_RNN_DATA_DIR", str(tmp_path / "gone"))
    with pytest.raises(
        InputError, match=rf"^THESIS_RNN_DATA_DIR must be an existing folder; received '{tmp_path}/gone'$"
    ):
        data.is_available("mnist")


def test_a_missing_companion_is_named(tmp_path):
    folder = write_data_set(tmp_path / "mnist")
    (folder / STANDARD_NAMES["test", "labels"]).unlink()
    expected = rf"^{folder}: expected the file t10k-labels-idx1-ubyte, plain or \.gz; received none$"
    with pytest.raises(InputError, match=expected):
        data.load_images("mnist", "test", tmp_path)
    assert len(data.load_images("mnist", "train", tmp_path).labels) == 50  # the train files are whole


def test_bad_contents_are_refused(tmp_path):
    folder = write_data_set(tmp_path / "mnist")
    labels = folder / STANDARD_NAMES["test", "labels"]
    write_idx(labels, np.arange(30, dtype=np.uint8))
    with pytest.raises(InputError, match=rf"^{labels}: labels must lie in 0\.\.9; received 10 at index 10$"):
        data.load_images("mnist", "test", tmp_path)
    write_idx(labels, np.zeros(29, np.uint8))
    with pytest.raises(InputError, match=r"expected one label per image; received 30 images, 29 labels$"):
        data.load_images("mnist", "test", tmp_path)


def test_the_default_data_set(tmp_path, monkeypatch, connection):
    name, notice = data.default_dataset()
    assert name == "digits_maj"
    assert notice.startswith(
        "ATTENTION: MNIST was not found on this machine and cannot be downloaded: using digits_maj"
    )
    assert "\n" not in notice
    connection.answer = True
    assert data.default_dataset() == ("mnist_maj", None)
    name, notice = data.default_dataset(tmp_path)  # a given folder is the only place to look
    assert name == "digits_maj"
    assert f"not found in {tmp_path}:" in notice
    write_data_set(tmp_path / "mnist")
    assert data.default_dataset(tmp_path) == ("mnist_maj", None)
    monkeypatch.setenv("THESIS_RNN_DATA_DIR", str(tmp_path))
    connection.answer = False
    assert data.default_dataset() == ("mnist_maj", None)


# ---- probing a connection


def test_a_listening_port_answers_and_a_closed_one_does_not():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert can_connect("127.0.0.1", port)
    assert not can_connect("127.0.0.1", port)


def test_a_name_that_does_not_exist_does_not_answer():
    assert not can_connect("name.invalid", 443)  # .invalid never resolves (RFC 2606)


def test_a_slow_name_lookup_counts_against_the_patience(monkeypatch):
    monkeypatch.setattr(socket, "getaddrinfo", lambda *arguments: time.sleep(2) or [])
    start = time.monotonic()
    assert not can_connect("example.invalid", 443, seconds=0.2)
    assert time.monotonic() - start < 1
