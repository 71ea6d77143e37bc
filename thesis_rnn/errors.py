"""The one kind of error that is the user's to mend, not the program's, and the one kind of warning."""


class InputError(ValueError):
    """Bad input: the message is one line that says what was expected, what arrived and what to do.

    Front ends print the line and exit with a non-zero status; from Python it is an ordinary ``ValueError``.
    """


class ConvergenceWarning(UserWarning):
    """A result is right up to an error that is larger than it should be: the line says how large and what to do."""
