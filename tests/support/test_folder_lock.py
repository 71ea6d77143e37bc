"""One writer a folder: the second is told who the first is, and a killed one leaves the folder free."""

import os
import signal
import subprocess
import sys
import threading

import pytest

from thesis_rnn.errors import InputError
from thesis_rnn.support.folder_lock import locked, swept

HOLD = """
import sys, time
from thesis_rnn.support.folder_lock import locked, swept
with locked(sys.argv[1], "train"):
    print("held", flush=True)
    time.sleep(60)
"""


def holder(folder):
    process = subprocess.Popen([sys.executable, "-c", HOLD, str(folder)], stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "held\n"
    return process


def test_the_second_process_is_refused_with_the_name_of_the_first(tmp_path):
    with holder(tmp_path / "run") as process:
        expected = rf"wait for it or end it: train, process {process.pid} on \S+, since \d{{4}}-.*; received .*run$"
        with pytest.raises(InputError, match=expected) as refusal, locked(tmp_path / "run", "evaluate"):
            pass
        assert len(str(refusal.value).splitlines()) == 1
        process.kill()


def test_a_full_disk_leaves_no_lock_behind(tmp_path, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as disk:
        disk.setattr(os, "write", full)
        with pytest.raises(OSError, match="No space left"), locked(tmp_path, "train"):
            pass
    with holder(tmp_path) as process:  # another process may have it
        process.kill()


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_the_kernel_frees_the_folder_of_a_process_that_was_killed(tmp_path, number):
    with holder(tmp_path) as process:
        os.kill(process.pid, number)
        process.wait()
    with locked(tmp_path, "train"):
        pass


def test_a_thread_may_take_what_it_holds_and_another_may_not(tmp_path):
    refused = []

    def second():
        try:
            with locked(tmp_path, "explain"):
                refused.append(False)
        except InputError:
            refused.append(True)

    with locked(tmp_path, "train"), locked(tmp_path, "explain"):
        thread = threading.Thread(target=second)
        thread.start()
        thread.join()
    second()
    assert refused == [True, False]


def test_an_error_inside_frees_the_folder(tmp_path):
    with pytest.raises(ZeroDivisionError), locked(tmp_path, "train"):
        _ = 1 / 0
    with locked(tmp_path, "train"):
        pass


def test_a_child_does_not_inherit_what_its_parent_holds(tmp_path):
    with locked(tmp_path, "train"):
        child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], close_fds=False)
    try:
        with locked(tmp_path, "train"):
            pass
    finally:
        child.kill()
        child.wait()


def test_a_folder_that_cannot_be_made_is_told(tmp_path):
    (tmp_path / "file").write_text("")
    expected = r"^run_dir must be a folder that can be written; received .*/file/run: \w"
    with pytest.raises(InputError, match=expected), locked(tmp_path / "file" / "run", "train"):
        pass


def test_what_a_killed_program_left_half_written_is_removed(tmp_path):
    (tmp_path / "below").mkdir()
    for name in (".a-1234abcd.part.png", "below/.b-1234abcd.part", ".kept", "a.png"):
        (tmp_path / name).touch()
    with swept(tmp_path, "test"):
        left = sorted(path.name for path in tmp_path.rglob("*") if path.is_file())
    assert left == [".kept", ".lock", "a.png"]
