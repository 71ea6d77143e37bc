"""Where the tasks of a plan are run."""
