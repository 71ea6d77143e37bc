"""Judging explanations of a model of one's own: which methods apply, how good each is, and which to use."""

from thesis_rnn.judging.entry import judge
from thesis_rnn.judging.judgement import Judgement

__all__ = ["Judgement", "judge"]
