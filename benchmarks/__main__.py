"""``python -m benchmarks``."""

from benchmarks.command import run

if __name__ == "__main__":
    run()
