"""Chormai (2018): what is published, claims, tables and figures."""
