"""Explanations of more samples than one process holds: files in, files out, in any number of workers."""

import importlib

_HOMES = {"ShardSummary": "summary", "explain_shards": "entry"}
"""Public name -> its module. It is imported at first use: a worker starts before TensorFlow is loaded."""

__all__ = ["ShardSummary", "explain_shards"]


def __getattr__(name: str):
    if name in _HOMES:
        return getattr(importlib.import_module(f"thesis_rnn.shards.{_HOMES[name]}"), name)
    raise AttributeError(f"module 'thesis_rnn.shards' has no attribute {name!r}")
