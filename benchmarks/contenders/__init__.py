"""One module for each library, run as a process in an environment of its own; see ``serving``."""
