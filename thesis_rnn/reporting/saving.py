"""Figures as files: whole or not there, and the same bytes for the same figure."""

import io
import logging
import os
import pathlib

import matplotlib
from matplotlib.figure import Figure

from thesis_rnn.errors import InputError
from thesis_rnn.reporting.style import DPI
from thesis_rnn.support.files import replacing

logging.getLogger("fontTools").setLevel(logging.WARNING)  # it reports every font that it embeds

# What matplotlib would write by itself: its version, and the moment.
_NO_METADATA = {".png": {"Software": None}, ".pdf": {"Creator": None, "Producer": None, "CreationDate": None}}


def png_of(figure: Figure, dpi: int = DPI) -> bytes:
    """The figure as the bytes of a PNG file, drawn once for a file, a page and TensorBoard alike."""
    file = io.BytesIO()
    figure.savefig(file, format="png", dpi=dpi, metadata=_NO_METADATA[".png"])
    return file.getvalue()


def save_figure(figure: Figure, path: str | os.PathLike) -> None:
    """Writes ``figure`` as PNG (for a page) or PDF (for a paper, with embedded fonts), by the suffix of ``path``.

    Raises:
      InputError: another suffix.
    """
    suffix = pathlib.Path(path).suffix
    if suffix not in _NO_METADATA:
        raise InputError(f"figures are saved as {' or '.join(_NO_METADATA)}; received {os.fspath(path)!r}")
    with replacing(path) as temporary, matplotlib.rc_context({"pdf.fonttype": 42}):
        figure.savefig(temporary, dpi=DPI, metadata=_NO_METADATA[suffix])
