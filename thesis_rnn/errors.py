"""The one kind of error that is the user's to mend, not the program's, and the one kind of warning."""

LONGEST = 400
"""Letters of a message; what was received may be longer than any line."""


class InputError(ValueError):
    """Bad input: the message is one line that says what was expected, what arrived and what to do.

    Front ends print the line and exit with a non-zero status; from Python it is an ordinary ``ValueError``.
    """

    def __init__(self, message: str):
        super().__init__(one_line(message))


class ConvergenceWarning(UserWarning):
    """A result is right up to an error that is larger than it should be: the line says how large and what to do."""


def one_line(message: object) -> str:
    r"""The message in one printable line of at most ``LONGEST`` letters; a longer one loses its middle.

    Example:
      >>> one_line("a\nb"), len(one_line("a" * 10_000))
      ('a\\nb', 400)
    """
    text = "".join(letter if letter.isprintable() else repr(letter)[1:-1] for letter in str(message))
    if len(text) <= LONGEST:
        return text
    end = LONGEST // 2
    return f"{text[: LONGEST - end - 5]} ... {text[-end:]}"
