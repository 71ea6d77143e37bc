"""Makes the notebooks of this folder: the scripts whose cells begin with ``# %%``, run, with what they print and draw.

python examples/notebooks.py [name ...]
"""

import ast
import base64
import contextlib
import io
import json
import pathlib
import sys

FOLDER = pathlib.Path(__file__).parent
INSTALL = """# Where the package is not yet installed, as in Colab: upload its wheel, then run
# !pip install -q thesis_rnn-*.whl"""
MARK, WORDS = "# %%", "# %% [markdown]"


def scripts() -> list[pathlib.Path]:
    """The scripts that are notebooks."""
    return [path for path in sorted(FOLDER.glob("*.py")) if f"\n{MARK}\n" in path.read_text("utf-8")]


def cells_of(script: pathlib.Path) -> list[tuple[str, str]]:
    """The cells of a script, (kind, source); its docstring is the first."""
    head, *parts = script.read_text("utf-8").split(f"\n{MARK}")
    cells = [("markdown", f"# {ast.get_docstring(ast.parse(head))}"), ("code", INSTALL)]
    for part in parts:
        words = part.startswith(WORDS.removeprefix(MARK))
        text = part.partition("\n")[2].strip("\n")
        lines = [line.removeprefix("#").removeprefix(" ") for line in text.splitlines()]
        cells.append(("markdown", "\n".join(lines)) if words else ("code", text))
    return cells


def run(source: str, names: dict) -> list[dict]:
    """Runs a cell in ``names``: its output, as a notebook has it. The last expression is shown, as there."""
    tree, printed = ast.parse(source), io.StringIO()
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    with contextlib.redirect_stdout(printed):
        exec(compile(tree, "<cell>", "exec"), names)
        value = None if last is None else eval(compile(ast.Expression(last.value), "<cell>", "eval"), names)
    streams = [{"output_type": "stream", "name": "stdout", "text": printed.getvalue()}] if printed.getvalue() else []
    return streams + ([] if value is None else [{"output_type": "display_data", "metadata": {}, "data": _shown(value)}])


def _shown(value) -> dict:
    """A figure as a small picture, everything else as text."""
    if not hasattr(value, "savefig"):
        return {"text/plain": repr(value)}
    file = io.BytesIO()
    value.savefig(file, dpi=60)
    return {"image/png": base64.b64encode(file.getvalue()).decode(), "text/plain": "<Figure>"}


def notebook(script: pathlib.Path) -> dict:
    """The notebook of a script, run from its first cell to its last."""
    cells, names = [], {"__name__": "__notebook__"}
    for place, (kind, source) in enumerate(cells_of(script)):
        cell = {"cell_type": kind, "id": f"cell-{place}", "metadata": {}, "source": source.splitlines(keepends=True)}
        if kind == "code":
            cell |= {"execution_count": place, "outputs": run(source, names)}
        cells.append(cell)
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    return {"cells": cells, "metadata": kernel, "nbformat": 4, "nbformat_minor": 5}


if __name__ == "__main__":
    for path in scripts():
        if path.stem in sys.argv[1:] or not sys.argv[1:]:
            path.with_suffix(".ipynb").write_text(f"{json.dumps(notebook(path), indent=1)}\n", encoding="utf-8")
            print(path.with_suffix(".ipynb"))
