"""Whether what a heatmap calls relevant matters to the model."""
