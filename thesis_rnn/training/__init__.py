"""Training: batches, checkpoints, and the run folder they go to."""
