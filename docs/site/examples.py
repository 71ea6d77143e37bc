"""Examples of docstrings as code: the parser of docstrings knows their section in the plural alone."""

import re

import griffe


class Examples(griffe.Extension):
    """Reads ``Example:`` as ``Examples:``."""

    def on_instance(self, *, obj: griffe.Object, **_) -> None:
        """Changes the docstring of each object before its sections are read."""
        if obj.docstring:
            obj.docstring.value = re.sub(r"^Example:$", "Examples:", obj.docstring.value, flags=re.MULTILINE)
