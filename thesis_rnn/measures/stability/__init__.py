"""How alike explanations are: between methods, seeds, and models with random weights."""
