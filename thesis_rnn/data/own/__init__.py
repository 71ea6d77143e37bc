"""A user's own labelled series, from files."""
