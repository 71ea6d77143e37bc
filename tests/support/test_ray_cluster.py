"""What hinders a cluster is one line, also where Ray is not installed."""

import sys
import types

import pytest

from thesis_rnn.errors import InputError
from thesis_rnn.support.ray_cluster import check_fits, check_versions, connected


def test_without_ray_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    expected = r"^executor ray needs Ray: pip install 'thesis_rnn\[ray\]'; received none installed$"
    with pytest.raises(InputError, match=expected):
        connected()


@pytest.mark.parametrize("address", ["127.0.0.1:1", "ray://127.0.0.1:1", "nowhere:port"])
def test_a_cluster_that_nobody_answers_for_is_one_line(monkeypatch, address):
    monkeypatch.setitem(sys.modules, "ray", types.SimpleNamespace(is_initialized=lambda: False))
    expected = (
        rf"^expected a Ray cluster that can be reached, see ray status where it runs; received {address}: [^\n]+$"
    )
    with pytest.raises(InputError, match=expected):
        connected(address)


def test_a_task_that_is_larger_than_the_cluster_is_refused():
    ray = types.SimpleNamespace(cluster_resources=lambda: {"CPU": 4.0})
    check_fits(ray, CPU=4)
    with pytest.raises(InputError, match=r"^a task fits into the cluster, which has GPU 0 in all; received GPU 0.5$"):
        check_fits(ray, CPU=1, GPU=0.5)


def test_a_node_of_another_version_is_refused_by_name():
    check_versions({"keras": "3", "numpy": "2"}, {"keras": "3"})
    with pytest.raises(InputError, match=r"^every node must have keras 3; install it there; received keras 4 on \S+$"):
        check_versions({"keras": "4"}, {"keras": "3"})
