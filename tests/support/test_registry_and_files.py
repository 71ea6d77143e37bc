"""Name tables and atomic writes."""

import json
import math
import os
import stat
import subprocess
import sys
import zipfile

import numpy as np
import pytest

from thesis_rnn.errors import InputError
from thesis_rnn.support.arrays import read_npz
from thesis_rnn.support.files import replacing, write_arrays, write_json, write_text
from thesis_rnn.support.registry import Registry


@pytest.fixture
def colours():
    registry = Registry("colour")
    registry.add("red", 1)
    registry.add("blue", 2)
    return registry


def test_entries_are_found_by_name_in_the_order_of_registration(colours):
    assert colours["red"] == 1
    assert colours.add("amber", 3) == 3
    assert colours.names() == list(colours) == ["red", "blue", "amber"]
    assert "blue" in colours
    assert "green" not in colours


def test_an_unknown_name_lists_the_known_ones(colours):
    with pytest.raises(
        InputError, match=r"^unknown colour; known ones are red, blue; did you mean red\?; received 'Red'$"
    ):
        colours["Red"]


def test_duplicates_and_capitals_are_refused_and_change_nothing(colours):
    with pytest.raises(ValueError, match=r"^colour 'red' is already registered$"):
        colours.add("red", 9)
    with pytest.raises(ValueError, match=r"^colour names are lowercase; received 'Green'$"):
        colours.add("Green", 9)
    assert colours["red"] == 1
    assert colours.names() == ["red", "blue"]


def test_the_users_mistakes_are_value_errors():
    assert issubclass(InputError, ValueError)


# ---- files that are whole or not there


def test_a_block_that_succeeds_replaces_the_file(tmp_path):
    target = tmp_path / "new" / "folder" / "weights.keras"
    for text in ("first", "second"):
        with replacing(target) as temporary:
            assert temporary.suffix == ".keras"  # writers that choose their format by it
            temporary.write_text(text)
        assert target.read_text() == text
        assert list(target.parent.iterdir()) == [target]


@pytest.mark.parametrize("failure", [OSError("disk full"), KeyboardInterrupt()])
def test_a_block_that_fails_leaves_the_old_file_and_nothing_else(tmp_path, failure):
    target = tmp_path / "table.txt"
    target.write_text("old")
    with pytest.raises(type(failure)), replacing(target) as temporary:  # noqa: PT012 the block is what is tested
        temporary.write_text("half")
        assert target.read_text() == "old"
        raise failure
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


def test_a_block_that_fails_makes_no_file(tmp_path):
    with pytest.raises(RuntimeError, match="stop"), replacing(tmp_path / "table.txt"):
        raise RuntimeError("stop")
    assert list(tmp_path.iterdir()) == []


def test_others_may_read_the_file_as_the_umask_says(tmp_path):
    before = os.umask(0o022)
    try:
        write_text(tmp_path / "table.txt", "text")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "table.txt").stat().st_mode) == 0o644


def test_text_is_utf_8_whatever_the_locale(tmp_path):
    program = "import sys; from thesis_rnn.support.files import write_text; write_text(sys.argv[1], '\\u00fc \\u5b57')"
    strict = ("-X", "warn_default_encoding", "-W", "error::EncodingWarning")  # refuses what depends on the locale
    subprocess.run([sys.executable, *strict, "-c", program, tmp_path / "text"], check=True)
    assert (tmp_path / "text").read_bytes() == "ü 字".encode()


def test_json_has_null_for_what_is_no_number(tmp_path):
    target = tmp_path / "metrics.json"
    write_json(target, {"one": {"mean": 0.5, "low": math.nan}, "many": [math.nan, 1, (2.0, math.nan)]})
    assert json.loads(target.read_text()) == {"one": {"mean": 0.5, "low": None}, "many": [None, 1, [2.0, None]]}
    with pytest.raises(ValueError, match="JSON compliant"):
        write_json(target, {"rate": math.inf})
    assert json.loads(target.read_text())["one"]["mean"] == 0.5


def test_json_is_written_whole_or_not_at_all(tmp_path):
    target = tmp_path / "metrics.json"
    write_json(target, {"accuracy": 0.5, "names": ["a"]})
    assert json.loads(target.read_text()) == {"accuracy": 0.5, "names": ["a"]}
    assert target.read_text().endswith("}\n")
    with pytest.raises(TypeError):
        write_json(target, {"model": object()})
    assert json.loads(target.read_text())["accuracy"] == 0.5
    assert list(tmp_path.iterdir()) == [target]


def test_arrays_are_read_as_they_were_written(tmp_path):
    written = {"relevance": np.array([[0.5, -1.0]], np.float32), "label": np.array("LRP"), "y": np.arange(3)}
    write_arrays(tmp_path / "a.npz", written)
    read = read_npz(tmp_path / "a.npz")
    assert {name: array.dtype for name, array in read.items()} == {name: array.dtype for name, array in written.items()}
    for name, array in written.items():
        np.testing.assert_array_equal(read[name], array)
    (tmp_path / "b.npz").write_bytes((tmp_path / "a.npz").read_bytes()[:50])
    with pytest.raises((ValueError, zipfile.BadZipFile)):
        read_npz(tmp_path / "b.npz")
