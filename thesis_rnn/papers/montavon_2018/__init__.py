"""Montavon et al. (2018), Methods for interpreting and understanding deep neural networks."""

from thesis_rnn.papers.montavon_2018.advice import advice_scores, advice_table

__all__ = ["advice_scores", "advice_table"]
