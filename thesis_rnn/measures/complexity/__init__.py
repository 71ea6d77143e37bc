"""How concentrated a heatmap is: not whether it is right, but how much there is to read."""
