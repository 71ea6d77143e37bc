"""How fast relevance and influence vanish with the distance from the last step."""
