"""A plan of runs that survives interruption, and the result files that it leaves; it knows no paper."""
