"""The oracle: every rule and network written from the formulas, one loop per sum, one sample at a time, in float64.

Slow on purpose, and independent on purpose: it imports NumPy and nothing else.
"""
