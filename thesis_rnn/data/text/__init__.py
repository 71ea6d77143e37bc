"""Texts as tokens: sentences and reviews, with what people said of their words."""
