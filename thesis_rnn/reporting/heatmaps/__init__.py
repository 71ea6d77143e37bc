"""Heatmaps of images, series and tokens."""
