"""A Ray cluster of two nodes of one core each, all on this machine, and what is looked up about its processes."""

import contextlib
import os
import pathlib

MEMORY = 100 * 2**20
"""Bytes of each object store."""


@contextlib.contextmanager
def cluster():
    """The cluster and its second node, which may be removed."""
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    from ray.cluster_utils import Cluster

    head = {"num_cpus": 1, "include_dashboard": False, "object_store_memory": MEMORY}
    started = Cluster(initialize_head=True, head_node_args=head)
    try:
        yield started, started.add_node(num_cpus=1, object_store_memory=MEMORY)
    finally:
        started.shutdown()


def processes(*words: str) -> list[tuple[int, int]]:
    """The numbers of the processes whose command lines have all words, and of their parents."""
    found = []
    for place in pathlib.Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):  # it has just ended
            text = (place / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            if all(word in text for word in words):
                parent = (place / "stat").read_text().rpartition(")")[2].split()[1]
                found.append((int(place.name), int(parent)))
    return found
