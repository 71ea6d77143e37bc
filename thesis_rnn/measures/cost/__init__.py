"""What explanations cost: not whether they are right, but how long one waits for them."""
