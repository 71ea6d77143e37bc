"""A Ray cluster of two nodes of one core each, all on this machine, and what is looked up about its processes."""

import contextlib
import os
import subprocess

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
    listed = subprocess.run(["ps", "-eo", "pid,ppid,args"], capture_output=True, text=True, check=True).stdout
    lines = [line.split(maxsplit=2) for line in listed.splitlines()[1:]]
    return [(int(pid), int(parent)) for pid, parent, text in lines if all(word in text for word in words)]
