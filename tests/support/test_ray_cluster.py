"""What hinders a cluster is one line, also where Ray is not installed."""

import socket
import sys
import types

import pytest

from thesis_rnn.errors import InputError
from thesis_rnn.support import ray_cluster
from thesis_rnn.support.ray_cluster import check_fits, check_versions, connected, reason_of_loss


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


@pytest.mark.parametrize("scheme", ["", "ray://"])
def test_an_address_at_which_something_else_listens_is_refused_soon(monkeypatch, scheme):
    # Ray itself waited for more than five minutes at a socket that accepts and says nothing.
    monkeypatch.setitem(sys.modules, "ray", types.SimpleNamespace(is_initialized=lambda: False))
    monkeypatch.setattr(ray_cluster, "PATIENCE", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"{scheme}127.0.0.1:{silent.getsockname()[1]}"
        with pytest.raises(InputError, match=rf"received {address}: something listens there that gave no answer of"):
            connected(address)


def test_a_cluster_that_refuses_this_machine_is_one_line_with_its_reason(monkeypatch):
    def init(*_, **__):  # as Ray 2.60 words it
        raise RuntimeError("Version mismatch: The cluster was started with:\n    Ray: 2.50.0\n    Python: 3.12.1")

    fake = types.SimpleNamespace(is_initialized=lambda: False, init=init)
    monkeypatch.setitem(sys.modules, "ray", fake)
    told = "Version mismatch: The cluster was started with: Ray: 2.50.0 Python: 3.12.1"
    with pytest.raises(InputError, match=rf"^expected a Ray cluster .*; received auto: {told}$"):
        connected("auto")


def test_the_reason_of_a_loss_is_one_line():
    # As Ray 2.60 words them: what a node raised stands last, what became of a node first.
    raised = RuntimeError('ray::f() (pid=1, ip=1)\n  File "a.py", line 1, in f\nModuleNotFoundError: No module')
    died = RuntimeError("The actor died unexpectedly before finishing this task.\n\tclass_name: A")
    assert reason_of_loss(raised) == "ModuleNotFoundError: No module"
    assert reason_of_loss(died) == "The actor died unexpectedly before finishing this task."
    assert reason_of_loss(RuntimeError()) == "RuntimeError"


def test_a_task_that_is_larger_than_any_node_is_refused():
    nodes = [{"Alive": True, "Resources": {"CPU": 4.0}}, {"Alive": True, "Resources": {"CPU": 2.0, "GPU": 1.0}}]
    nodes.append({"Alive": False, "Resources": {"CPU": 64.0}})
    ray = types.SimpleNamespace(nodes=lambda: nodes)
    check_fits(ray, CPU=4)
    check_fits(ray, CPU=2, GPU=0.5)
    expected = r"^a task fits onto one node, and the largest of each kind has "
    with pytest.raises(InputError, match=rf"{expected}CPU 4; received CPU 6$"):  # which both together have
        check_fits(ray, CPU=6)
    with pytest.raises(InputError, match=rf"{expected}CPU 4, GPU 1; received CPU 4, GPU 0.5$"):
        check_fits(ray, CPU=4, GPU=0.5)


def test_a_node_of_another_version_is_refused_by_name():
    check_versions({"keras": "3", "numpy": "2"}, {"keras": "3"})
    with pytest.raises(InputError, match=r"^every node must have keras 3; install it there; received keras 4 on \S+$"):
        check_versions({"keras": "4"}, {"keras": "3"})
