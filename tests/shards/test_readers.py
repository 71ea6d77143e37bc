"""Kinds of files: samples block after block are those of the file read at once; whatever is damaged is a line."""

import io

import numpy as np
import pytest

from thesis_rnn.errors import InputError
from thesis_rnn.shards.content import open_shard, read_ids
from thesis_rnn.shards.readers import Input
from thesis_rnn.shards.writers import NpzWriter, OtherTypes, ParquetWriter

X = np.random.default_rng(0).normal(size=(11, 2, 3)).astype(np.float32)
IDS = np.array([f"id{row}" for row in range(11)])
INPUTS = [Input("x", (2, 3))]


def npy(array=X):
    file = io.BytesIO()
    np.save(file, array)
    return file


def npz(save=np.savez, **arrays):
    file = io.BytesIO()
    save(file, **{"x": X, "id": IDS} | arrays)
    return file


def parquet(rows=4, **columns):
    import pyarrow
    import pyarrow.parquet

    file = io.BytesIO()
    table = pyarrow.table({"x": X.reshape(11, 6).tolist(), "id": IDS.tolist()} | columns)
    pyarrow.parquet.write_table(table, file, row_group_size=rows)
    return file


FILES = {
    "a.npy": npy,
    "by_columns.npy": lambda: npy(np.asfortranarray(X)),
    "a.npz": npz,
    "packed.npz": lambda: npz(np.savez_compressed, other=np.array(3)),
    "a.parquet": parquet,
}


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("rows", [1, 3, 11, 20])
def test_blocks_are_the_samples_in_their_order(name, rows):
    shard = open_shard(FILES[name](), name, INPUTS)
    blocks = list(shard.blocks(rows))
    assert [len(x) for _, x, _ in blocks] == [min(rows, 11 - start) for start in range(0, 11, rows)]
    np.testing.assert_array_equal(np.concatenate([x for _, x, _ in blocks]).astype(np.float32), X)
    ids = np.concatenate([shard.ids_of(place) for place, *_ in blocks])
    stem = name.partition(".")[0]
    assert ids.tolist() == ([f"{stem}/{row}" for row in range(11)] if name.endswith("npy") else IDS.tolist())
    assert shard.bytes_each() == (48 if name.endswith("parquet") else 24)  # 6 cells of float64 or float32


class Counting(io.BytesIO):
    """Counts the bytes that are read."""

    count = 0

    def read(self, size=-1):
        content = super().read(size)
        self.count += len(content)
        return content


@pytest.mark.parametrize("name", ["a.npy", "a.npz"])
def test_no_more_is_read_than_the_next_block(name):
    x = np.zeros((1000, 100, 10), np.float32)  # 4 MB, 4 kB a sample
    file = Counting((npy(x) if name == "a.npy" else npz(x=x, id=np.arange(1000))).getvalue())
    blocks = open_shard(file, name, [Input("x", (100, 10))]).blocks(10)
    before = file.count
    next(blocks)
    assert 40_000 <= file.count - before < 100_000


def test_ids_are_read_without_the_inputs():
    file = Counting(npz(x=np.zeros((1000, 100, 10), np.float32)).getvalue())
    assert read_ids(file, "a.npz").tolist() == IDS.tolist()
    assert file.count < 20_000
    assert read_ids(npy(), "a.npy") is None


def damaged(content, place):
    """A bit of the file is another one."""
    content = bytearray(content)
    content[place] ^= 1
    return bytes(content)


BAD = {
    "cut.npy": (npy().getvalue()[:-5], "it ends 5 bytes early"),
    "long.npy": (npy().getvalue() + b"more", "more follows than its header says"),
    "cut.npz": (npz().getvalue()[:200], "zip file"),
    "bits.npz": (damaged(npz().getvalue(), 300), "Bad CRC-32"),
    "cut.parquet": (parquet().getvalue()[:-20], "."),
    "text.npy": (b"a,b,c", "magic"),
    "empty.parquet": (b"", "."),
    "objects.npy": (npy(np.array([{}] * 3)).getvalue(), "Python objects"),
    "one.npy": (npy(np.float32(3)).getvalue(), "not one number"),
}


@pytest.mark.parametrize("name", BAD)
def test_damage_is_one_line_with_the_name_of_the_file(name):
    content, reason = BAD[name]
    with pytest.raises(InputError, match=reason) as error:
        list(open_shard(io.BytesIO(content), name, INPUTS).blocks(4))
    assert str(error.value).startswith(f"expected a whole .{name.partition('.')[2]} file; received {name}: ")


def test_samples_of_other_shapes_are_refused():
    lists = [[1.0] * (6 if row < 8 else 4) for row in range(11)]
    shard = open_shard(parquet(x=lists), "a.parquet", [])
    with pytest.raises(InputError, match=r"^samples have one shape; received a.parquet: \{'x': \(6,\)\}, then"):
        list(shard.blocks(4))
    with pytest.raises(InputError, match=r"^a shard has at least one sample, and every input has all; received a.npz"):
        open_shard(npz(y=X[:3]), "a.npz", [Input("x", (2, 3)), Input("y", (2, 3))])
    with pytest.raises(InputError, match=r"^a shard has at least one sample, and every input has all; received a.npz"):
        open_shard(npz(e=X[:3]), "a.npz", INPUTS, evidence="e")
    with pytest.raises(InputError, match=r"^id must be \[11\], one for each sample; received a.npz: \(3,\)$"):
        open_shard(npz(id=IDS[:3]), "a.npz", INPUTS)


# ---- writing


ARRAYS = {"id": IDS, "relevance": X, "target": np.arange(11)}


def test_files_of_blocks_are_those_that_numpy_writes(tmp_path):
    with NpzWriter(tmp_path / "a.npz") as writer:
        for start in range(0, 11, 4):
            writer.add({name: array[start : start + 4] for name, array in ARRAYS.items()}, {"of": 1})
    np.savez(tmp_path / "b.npz", **ARRAYS, record=np.array('{"of": 1}'))
    assert (tmp_path / "a.npz").read_bytes() == (tmp_path / "b.npz").read_bytes()
    assert len(list(tmp_path.iterdir())) == 2


@pytest.mark.parametrize("kind", [NpzWriter, ParquetWriter])
@pytest.mark.parametrize("change", [{"relevance": X.astype(np.float64)}, {"relevance": X[:, :1]}, {"more": X}])
def test_blocks_of_other_types_are_refused(tmp_path, kind, change):
    expected = r"^explanations of a shard are of one kind; received (relevance|more): "
    with kind(tmp_path / "a") as writer:
        writer.add(ARRAYS, {})
        with pytest.raises(OtherTypes, match=expected):
            writer.add(ARRAYS | change, {})
