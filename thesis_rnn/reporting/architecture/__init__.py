"""Architectures drawn from built models."""
