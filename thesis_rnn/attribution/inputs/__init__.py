"""What users pass in: models and callables, samples of every form, names and targets."""
