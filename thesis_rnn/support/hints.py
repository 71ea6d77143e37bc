"""Hints in error messages: the name that was probably meant, and the known ones, as many as a line holds."""

import difflib
import re
from collections.abc import Collection, Mapping, Sequence

LISTED = 240
"""Letters that a list of known names may take."""


def did_you_mean(name: str, known: Collection[str], elsewhere: Mapping[str, str] | None = None) -> str:
    """The words "; did you mean ...?" with the known name that is meant, however it is spelt (GradCam); or nothing.

    Args:
      name: what was received.
      known: the names that there are.
      elsewhere: what others call some of them: their name -> ours.

    Example:
      >>> did_you_mean("GradCam", ["grad_cam", "lrp"])
      '; did you mean grad_cam?'
    """
    others = {_bare(one): ours for one, ours in (elsewhere or {}).items() if ours in known}
    names = others | {_bare(one): one for one in known}
    near = [_bare(name)] if _bare(name) in names else difflib.get_close_matches(_bare(name), names, n=1)
    return f"; did you mean {names[near[0]]}?" if near else ""


def listed(names: Sequence[str]) -> str:
    """The names, as many as a line may hold.

    Example:
      >>> listed(["a", "b"])
      'a, b'
    """
    if len(", ".join(names)) <= LISTED:
        return ", ".join(names)
    shown = [name for k, name in enumerate(names) if len(", ".join(names[: k + 1])) <= LISTED]
    return f"{', '.join(shown)} and {len(names) - len(shown)} more (thesis-rnn list)"


def _bare(name: str) -> str:
    return re.sub("[^a-z0-9]", "", name.lower())
