"""What numbers of several runs say: intervals, contrasts, paired differences, verdicts."""
