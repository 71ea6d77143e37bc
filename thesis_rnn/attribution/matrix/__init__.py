"""The matrix engine: LRP and deep Taylor decomposition as the thesis prints them (algorithm 1).

Forward activations are stored, and backward loops over layers and time steps multiply by W+ and W-, in NumPy. It exists
to check the tape engine, so it shares nothing with it: no rule, no primitive, no gradient.
"""

from thesis_rnn.attribution.matrix.network import explain_batch

__all__ = ["explain_batch"]
