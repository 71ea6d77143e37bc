"""The way to a Ray cluster: Ray is an extra, and whatever hinders it is one line."""

import os
import platform
import socket
from types import ModuleType

from thesis_rnn.errors import InputError

PATIENCE = 10.0
"""Seconds in which a cluster answers."""


def connected(address: str | None = None) -> tuple[ModuleType, bool]:
    """Ray, connected.

    Args:
      address: "auto" for the cluster that this machine is part of, "ray://host:port" or "host:port"; None starts one of
        this machine alone.

    Returns:
      The module, and whether this call connected it, so that the caller disconnects.

    Raises:
      InputError: where Ray is not installed, the cluster is not reached, or has another version of Ray or Python.
    """
    try:
        import ray
    except ImportError:
        raise InputError("executor ray needs Ray: pip install 'thesis_rnn[ray]'; received none installed") from None
    if ray.is_initialized():
        return ray, False
    expected = "expected a Ray cluster that can be reached, see ray status where it runs"
    try:
        _check_answers(address)
        expected += ", and RAY_AUTH_MODE=token here if it asks for a token"
        if address is None:
            os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # a program tells nobody that it was started
            ray.init("local", include_dashboard=False, logging_level="ERROR", log_to_driver=False)
        else:
            ray.init(address, logging_level="ERROR", log_to_driver=False)
    except Exception as error:  # Ray has no error of its own for this
        reason = " ".join(str(error).split())[:200] or type(error).__name__
        raise InputError(f"{expected}; received {address or 'this machine'}: {reason}") from None
    return ray, True


def _check_answers(address: str | None) -> None:
    """Ray itself waits for minutes where nobody listens, or something else does.

    Raises:
      OSError, ValueError: for an address at which nobody speaks gRPC, as Ray does, or that is none.
    """
    host, colon, port = (address or "auto").removeprefix("ray://").rpartition(":")
    if not colon:
        return
    socket.create_connection((host, int(port)), PATIENCE).close()
    if os.environ.get("RAY_USE_TLS", "0") == "1":  # Ray has the certificates, and is asked itself
        return
    import grpc  # which Ray brings

    with grpc.insecure_channel(f"{host}:{port}") as channel:
        try:
            grpc.channel_ready_future(channel).result(PATIENCE)
        except grpc.FutureTimeoutError:
            raise OSError(f"something listens there that gave no answer of Ray's in {PATIENCE:g} s") from None


def reason_of_loss(error: BaseException) -> str:
    """Why Ray has no result of a task or an actor, in one line: what was raised there, or what became of the node."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()] or [type(error).__name__]
    is_traceback = any(line.startswith("File ") for line in lines)
    return lines[-1 if is_traceback else 0][:300]


def check_fits(ray: ModuleType, **wanted: float) -> None:
    """Refuses what no node will ever run: Ray would wait for it.

    Args:
      ray: connected.
      **wanted: Ray's name of a resource, CPU, GPU or memory -> how much one task takes.

    Raises:
      InputError: with what the nodes have.
    """
    nodes = [node["Resources"] for node in ray.nodes() if node["Alive"]]
    if not any(all(node.get(name, 0) >= amount for name, amount in wanted.items()) for node in nodes):
        most = {name: max((node.get(name, 0) for node in nodes), default=0) for name in wanted}
        has, asked = (", ".join(f"{name} {amount:g}" for name, amount in each.items()) for each in (most, wanted))
        raise InputError(f"a task fits onto one node, and the largest of each kind has {has}; received {asked}")


def check_versions(here: dict[str, str], wanted: dict[str, str]) -> None:
    """Refuses a node that would compute something else than the machine that asks.

    Raises:
      InputError: with the node's name and versions.
    """
    differing = [name for name, version in wanted.items() if here.get(name) != version]
    if differing:
        asked, found = (" ".join(f"{name} {each.get(name)}" for name in differing) for each in (wanted, here))
        raise InputError(f"every node must have {asked}; install it there; received {found} on {platform.node()}")
