"""Measures of the relevance that is lost on its way to the input."""
