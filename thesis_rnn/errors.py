"""The one kind of error that is the user's to mend, not the program's."""


class InputError(ValueError):
    """Bad input: the message is one line that says what was expected, what arrived and what to do.

    Front ends print the line and exit with a non-zero status; from Python it is an ordinary ``ValueError``.
    """
