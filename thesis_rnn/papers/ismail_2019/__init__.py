"""Ismail et al. (2019): what is published, tables and figures."""
