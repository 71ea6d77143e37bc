"""Formulas of docstrings as they are read: R_i = (df/dx_i)^2 with real subscripts, powers and signs, in plain HTML."""

import re

NAMES = "mean|max|min|argmin|argmax|recall|precision|alpha|beta|gamma|phi|sum|[A-Za-z]"
"""What has subscripts; longer names with an underscore are parameters."""
WRITTEN = {"alpha": "α", "beta": "β", "gamma": "γ", "phi": "φ", "sum": "Σ", "w+": "w<sup>+</sup>"}
LOW = re.compile(
    rf"(?<![A-Za-z0-9])((?:\bd\*?)??(?:{NAMES})[+~']?|[)|‖])_(\{{[^}}]+\}}|[A-Za-z0-9]+(?:[+-][A-Za-z0-9])?)"
)
HIGH = re.compile(r"\^(\{[^}]+\}|\d+|[a-z])")
SIGNS = {" - ": " − ", " * ": " · ", "<=": "≤", ">=": "≥", "||": "‖", "...": "…"}


def readable(text: str) -> str:
    """A docstring's line as Markdown, whose signs are no markup; what stands in backticks stays code."""
    parts = re.split(r"(``?[^`]+``?)", text)
    return "".join(part if part.startswith("`") else _formula(part) for part in parts)


def _formula(text: str) -> str:
    for sign, better in SIGNS.items():
        text = text.replace(sign, better)
    text = text.replace("<", "&lt;").replace(">", "&gt;")
    text = LOW.sub(lambda found: f"{WRITTEN.get(found[1], found[1])}<sub>{found[2].strip('{}')}</sub>", text)
    text = HIGH.sub(lambda found: f"<sup>{found[1].strip('{}')}</sup>", text)
    text = re.sub(r"\bd(\*?)f/d(?=\w)", r"∂\1f/∂", text)
    text = re.sub(r"\bsum (?=\|)", "Σ ", text)
    text = re.sub(r"\bphi\b", "φ", text)
    return re.sub(r"([*_|])", r"\\\1", text)
