"""``python -m thesis_rnn VERB``, or ``thesis-rnn VERB``: the verbs of the command line."""

from thesis_rnn.cli.verbs import main

if __name__ == "__main__":
    main()
