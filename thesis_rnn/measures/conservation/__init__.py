"""What becomes of the relevance that an explanation shares out."""
