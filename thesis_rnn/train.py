"""Trains an architecture, then explains, evaluates and reports it: python -m thesis_rnn.train --arch=convrlstm_sd."""

from thesis_rnn.cli.training import run

if __name__ == "__main__":
    run()
