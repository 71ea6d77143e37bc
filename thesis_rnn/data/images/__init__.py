"""Images as sequences: sources, splits, folds, the majority problem."""
