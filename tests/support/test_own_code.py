"""Files of the user's own: run, or refused with their line."""

import pytest

from thesis_rnn.errors import InputError
from thesis_rnn.support.own_code import run_file


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, r"^expected a Python file that registers your layers; received .*layers\.py$"),
        ("x = 1\nraise ValueError('no')\n", r"received .*layers\.py, line 2: ValueError: no$"),
        ("x = 1\nx = (\n", r"received .*layers\.py, line 2: SyntaxError: "),
    ],
)
def test_files_that_do_not_run_are_told_with_their_line(tmp_path, text, message):
    if text is not None:
        (tmp_path / "layers.py").write_text(text)
    with pytest.raises(InputError, match=message):
        run_file(tmp_path / "layers.py")
