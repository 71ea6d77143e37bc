"""The figures of Ismail et al. (2019)."""
