"""Scores as points, bars and curves."""
