"""Whether relevance lies where the evidence is."""
