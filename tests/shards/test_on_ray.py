"""100,000 series on two nodes, an actor killed and a node removed: the bytes of one process."""

import os
import signal

import keras
import numpy as np
import pytest

from tests.helpers import two_nodes
from thesis_rnn.errors import InputError
from thesis_rnn.shards import entry, explain_shards, on_ray
from thesis_rnn.training.run_folder import versions

pytestmark = [pytest.mark.ray, pytest.mark.filterwarnings("ignore")]
SHARDS, ROWS = 20, 5000


@pytest.fixture(scope="module")
def model():
    keras.utils.set_random_seed(0)
    return keras.Sequential([keras.Input((6, 2)), keras.layers.LSTM(4), keras.layers.Dense(2, "softmax")])


@pytest.fixture(scope="module")
def inputs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("in")
    for number in range(SHARDS):
        x = np.random.default_rng(number).normal(size=(ROWS, 6, 2)).astype(np.float32)
        np.save(folder / f"{number:03d}.npy", x)
    return folder / "*.npy"


def lossy(monkeypatch, cluster, node, folder, lost):
    """Kills an actor that is at a shard, and later removes a node."""
    heard = on_ray.Actors._heard

    def losing(self, ref):
        heard(self, ref)
        if "actor" not in lost and len(self.processes) == 2 and self._busy:
            lost["actor"] = self.processes[next(iter(self._busy.values()))[0]]
            os.kill(lost["actor"], signal.SIGKILL)
        elif "node" not in lost and len(list(folder.glob("records/*"))) > SHARDS // 2:
            lost["node"] = node
            cluster.remove_node(node)

    monkeypatch.setattr(on_ray.Actors, "_heard", losing)


def test_shards_survive_the_loss_of_an_actor_and_of_a_node(tmp_path, monkeypatch, model, inputs):
    lost = {}
    with two_nodes.cluster() as (cluster, node):
        lossy(monkeypatch, cluster, node, tmp_path / "ray", lost)
        more = {"workers": 2, "executor": "ray", "address": cluster.address}
        done = explain_shards(model, inputs, tmp_path / "ray", "lrp_epsilon", **more)
    assert set(lost) == {"actor", "node"}
    assert (done.samples, done.shards, done.failed) == (SHARDS * ROWS, SHARDS, {})
    alone = explain_shards(model, inputs, tmp_path / "one", "lrp_epsilon")
    assert alone.means == done.means
    for path in sorted((tmp_path / "one").glob("*.npz")):
        assert (tmp_path / "ray" / path.name).read_bytes() == path.read_bytes()


def test_a_bad_shard_a_model_that_no_actor_can_load_and_nodes_of_other_versions(tmp_path, model, monkeypatch):
    class Unknown(keras.layers.Layer):
        def call(self, x):
            return x

    (tmp_path / "in").mkdir()
    np.save(tmp_path / "in/a.npy", np.zeros((2, 6, 2), np.float32))
    np.save(tmp_path / "in/b.npy", np.zeros((2, 5, 3), np.float32))
    own = keras.Sequential([keras.Input((6, 2)), keras.layers.Flatten(), Unknown(), keras.layers.Dense(2, "softmax")])
    with two_nodes.cluster() as (cluster, _):
        more = {"workers": 2, "executor": "ray", "address": cluster.address}
        done = explain_shards(model, tmp_path / "in/*", tmp_path / "out", "lrp_epsilon", **more)
        assert (done.samples, list(done.failed)) == (2, ["b.npy"])
        with pytest.raises(InputError, match=r"^a worker cannot load the model; name the files"):
            explain_shards(own, tmp_path / "in/*", tmp_path / "own", "gradient_x_input", **more)
        monkeypatch.setattr(entry, "versions", lambda: versions() | {"keras": "2.0"})
        with pytest.raises(InputError, match=r"^every node must have keras 2.0; install it there; received keras 3"):
            explain_shards(model, tmp_path / "in/*", tmp_path / "old", "gradient_x_input", **more)
        assert not list((tmp_path / "old").glob("*.npz"))
