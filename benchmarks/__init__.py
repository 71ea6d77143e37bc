"""Speed, memory and correctness beside other libraries, measured in one run: python -m benchmarks.

Nothing here is part of the package. README.md says how to repeat the measurements and what each of them means.
"""
