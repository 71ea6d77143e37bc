"""A program of the package that ends with the one who started it, however that ends.

    python -m thesis_rnn.support.with_parent train --arch=...

The parent holds the other end of standard input: when that closes, the program is gone at once.
"""

import os
import runpy
import threading


def _end_with_parent() -> None:
    while os.read(0, 4096):  # without Python's buffer, whose lock would be held when the program ends
        pass
    os._exit(1)


if __name__ == "__main__":
    threading.Thread(target=_end_with_parent, daemon=True).start()
    runpy.run_module("thesis_rnn", run_name="__main__", alter_sys=True)
