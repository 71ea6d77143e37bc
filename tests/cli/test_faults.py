"""What goes wrong around a program: full disks, odd places, no home, closed output, signals. What was there stays."""

import functools
import os
import pathlib
import resource
import shlex
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress

import pytest

from tests.helpers import tiny_run
from tests.helpers.front_end_process import FrontEnd, run
from thesis_rnn.runs import pipeline
from thesis_rnn.runs.verifying import verify_run
from thesis_rnn.training.checkpoints import read_history
from thesis_rnn.training.run_folder import RunFolder

TRAINING = ("--arch=shallow", "--dataset=digits_maj", "--steps=2", "--sequences_per_epoch=100", "--samples=3")
TRAINING += ("--methods=sensitivity", "--measures=cosine", "--scored=10")
EXPLAINING = ("--methods=sensitivity", "--samples=2")


def files_of(folder: pathlib.Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def without_locks(files: dict[str, bytes]) -> dict[str, bytes]:
    return {name: content for name, content in files.items() if not name.endswith(".lock")}


# ---- disks


def no_file_above(size: int) -> None:
    """What a full disk is to a process: writing beyond fails."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


def test_a_full_disk_names_the_file_that_it_cost_and_keeps_the_one_before(tmp_path):
    run_folder = tiny_run.copy(tmp_path / "run")
    before = without_locks(files_of(run_folder.path))
    done = run("explain", "--run_dir=run", *EXPLAINING, cwd=tmp_path, before=functools.partial(no_file_above, 3000))
    assert done.status == 1
    assert done.error == "error: [Errno 27] File too large: 'run/heatmaps/sensitivity.npz'"
    assert without_locks(files_of(run_folder.path)) == before


@pytest.mark.slow
def test_a_training_on_a_full_disk_goes_on_when_there_is_room(tmp_path):
    (tmp_path / "small").mkdir()
    mounted = ["mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", str(tmp_path / "small")]
    if not shutil.which("mount") or subprocess.run(mounted, capture_output=True, check=False).returncode:
        pytest.skip("only the super-user mounts a small disk")
    try:
        flags = (*TRAINING, "--epochs=2", "--run_dir=small/run", "--resume")
        (tmp_path / "small/filling").write_bytes(bytes(63_000_000))
        done = run("train", *flags, cwd=tmp_path)
        assert done.status == 1
        assert "No space left on device" in done.error
        (tmp_path / "small/filling").unlink()
        assert run("train", *flags, cwd=tmp_path).status == 0
        assert verify_run(RunFolder(tmp_path / "small/run")).faults == ()
    finally:
        subprocess.run(["umount", str(tmp_path / "small")], check=True)


# ---- places


@pytest.mark.parametrize("name", ["schön 你 'a\"b$", "a\nb", pytest.param("x" * 250, marks=pytest.mark.slow)])
def test_folders_of_odd_names_without_a_home_and_a_locale(tmp_path, name):
    tiny_run.copy(tmp_path / name)
    environment = {"HOME": None, "LC_ALL": "C", "LANG": None}
    done = run("explain", f"--run_dir={name}", *EXPLAINING, cwd=tmp_path, environment=environment)
    assert (done.status, done.err) == (0, "")
    assert name in done.out
    assert verify_run(RunFolder(tmp_path / name)).faults == ()


def test_letters_that_the_terminal_does_not_have_are_written_as_numbers(tmp_path):
    tiny_run.copy(tmp_path / "schön")
    done = run("verify", "--run_dir=schön", cwd=tmp_path, before=to_ascii)
    assert (done.status, done.out.split(":")[0]) == (0, "sch\\xf6n")


def to_ascii() -> None:
    sys.stdout.reconfigure(encoding="ascii")


def test_a_link_to_a_run_is_one(tmp_path):
    real = tiny_run.copy(tmp_path / "real")
    (tmp_path / "run").symlink_to("real")
    assert run("explain", "--run_dir=run", *EXPLAINING, cwd=tmp_path).status == 0
    assert verify_run(real).faults == ()
    assert (tmp_path / "run").is_symlink()


# ---- output and signals


def full_output() -> None:
    os.dup2(os.open("/dev/full", os.O_WRONLY), 1)


def test_output_that_finds_no_room_is_told(tmp_path):
    tiny_run.copy(tmp_path / "run")
    done = run("verify", "--run_dir=run", cwd=tmp_path, before=full_output)
    assert (done.status, done.error) == (1, "error: [Errno 28] No space left on device")


@pytest.mark.slow  # a process of its own: only there Python knows that its output is closed
def test_output_that_is_closed_disturbs_nobody(tmp_path):
    tiny_run.copy(tmp_path / "run")
    command = f"{shlex.quote(sys.executable)} -m thesis_rnn verify --run_dir=run >&-"
    done = subprocess.run(["sh", "-c", command], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.slow
@pytest.mark.parametrize(("number", "times", "status"), [(signal.SIGTERM, 1, -15), (signal.SIGINT, 2, 130)])
def test_a_training_that_is_told_to_end_goes_on_later(tmp_path, number, times, status):
    folder = RunFolder(tmp_path / "run")
    program = FrontEnd("train", *TRAINING, "--epochs=300", "--run_dir=run", cwd=tmp_path)
    while program.running and not (folder.history.exists() and len(folder.history.read_text().split()) > 2):
        time.sleep(0.005)
    for _ in range(times):
        with suppress(ProcessLookupError):  # the first may have ended it
            program.signal(number)
        time.sleep(0.05)
    done = program.wait()
    assert done.status == status
    assert "Traceback" not in done.err
    epochs = len(read_history(folder))
    assert 1 <= epochs < 300
    assert verify_run(folder).faults == ()


def test_memory_that_is_short_is_told(tmp_path):
    done = run("train", *TRAINING, "--run_dir=run", cwd=tmp_path, before=no_memory)
    assert done.status == 1
    told = "error: the memory is too small, ask for less or end other programs; received Unable to allocate 9 TiB"
    assert done.error == told


def no_memory() -> None:
    def fail(*_):
        raise MemoryError("Unable to allocate 9 TiB")

    pipeline.make_run = fail


@pytest.mark.slow
@pytest.mark.parametrize("mebibytes", [20, 200])
def test_a_limit_of_memory_leaves_what_was_there(tmp_path, mebibytes):
    # Where TensorFlow's own allocations fail, it ends the process.
    run_folder = tiny_run.copy(tmp_path / "run")
    before = without_locks(files_of(run_folder.path))
    limit = functools.partial(no_memory_above, mebibytes)
    done = run("explain", "--run_dir=run", *EXPLAINING, cwd=tmp_path, before=limit)
    if done.status:
        assert without_locks(files_of(run_folder.path)) == before
    else:
        assert verify_run(run_folder).faults == ()


def no_memory_above(mebibytes: int) -> None:
    """What ``ulimit -v`` sets, so far above what the process has."""
    used = int(pathlib.Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + mebibytes * 2**20,) * 2)
