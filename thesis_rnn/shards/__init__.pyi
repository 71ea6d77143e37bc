"""Explanations of more samples than one process holds: files in, files out, in any number of workers."""

from thesis_rnn.shards.entry import explain_shards as explain_shards
from thesis_rnn.shards.summary import ShardSummary as ShardSummary

__all__ = ["ShardSummary", "explain_shards"]
