"""Composites: which rule acts where."""
