"""Judging explanations of a model of one's own: which methods apply, how good each is, and which to use."""

from thesis_rnn.judging.entry import judge
from thesis_rnn.judging.judgement import Judgement
from thesis_rnn.judging.rules import RuleChoice, choose_rules

__all__ = ["Judgement", "RuleChoice", "choose_rules", "judge"]
