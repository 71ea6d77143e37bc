"""A page of series in a browser: what the arrow keys read, what long series show, and that nothing fails."""

import re
import shutil
import subprocess
from html import unescape

import numpy as np
import pytest

from thesis_rnn.reporting.pages import Series, page_of

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
pytestmark = [pytest.mark.slow, pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium")]
KEYS = """<script>
window.onerror = (error) => { document.title = error; };
const canvas = document.querySelector("canvas");
canvas.focus();
const press = (key) => canvas.dispatchEvent(new KeyboardEvent("keydown", { key }));
["ArrowRight", "ArrowRight", "ArrowDown", "ArrowLeft"].forEach(press);
const pen = canvas.getContext("2d"), middle = Math.floor(canvas.height / 4), colours = new Set();
for (let left = 0; left < canvas.width; left++) colours.add(pen.getImageData(left, middle, 1, 1).data.join());
document.body.append([...colours].join(" "));
</script>"""


def opened(page, folder):
    """The page's elements after its scripts have run."""
    path = folder / "page.html"
    path.write_text(page.replace("</body>", f"{KEYS}</body>"), "utf-8")
    command = [
        CHROMIUM,
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        f"--user-data-dir={folder / 'profile'}",
        "--dump-dom",
    ]
    done = subprocess.run([*command, path.as_uri()], capture_output=True, text=True, timeout=60, check=True)
    return unescape(done.stdout)


def test_arrow_keys_read_single_cells(tmp_path):
    relevance = np.array([[1.0, 2.0], [3.0, 4.0], [5.0, -6.0]])
    values = np.array([[0.5, 0.25], [np.nan, np.nan], [1.0, 2.0]])
    dom = opened(page_of("Series", [Series(relevance, "Two features.", values, ["a", "b"])]), tmp_path)
    assert "<title>Series</title>" in dom  # no error
    # From feature a at step 0: right, right, down, left.
    [read] = re.findall(r'class="reading"[^>]*>([^<]*)<', dom)
    assert read == "b, step 1, value missing, relevance 4"


def test_a_single_step_among_thousands_is_seen(tmp_path):
    relevance = np.zeros((4001, 1))
    relevance[2222] = 1.0
    dom = opened(page_of("Series", [Series(relevance, "One spike.")]), tmp_path)
    assert "139,10,26,255" in dom  # the darkest red, at full strength
