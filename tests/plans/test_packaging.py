"""The flagfiles come with the package, however it is installed; the copy at the root is the only one."""

import os
import pathlib
import shutil
import subprocess
import sys
import zipfile

import pytest

ROOT = pathlib.Path(__file__).parents[2]
SOURCES = ("setup.py", "pyproject.toml", "MANIFEST.in", "README.md", "LICENSE", "thesis_rnn", "flags", "docs")

BUILD = "import sys; from setuptools import build_meta; print(getattr(build_meta, sys.argv[1])(sys.argv[2]))"

READ = """
import site, sys
# Where the tests run in an editable install, that one answers first, by a finder of the same name.
def is_editable(name):
    return name.startswith("__editable__")
sys.meta_path[:] = [finder for finder in sys.meta_path if not is_editable(getattr(finder, "__module__", ""))]
for name in list(filter(is_editable, sys.modules)):
    del sys.modules[name]
sys.path.insert(0, sys.argv[1])
site.addsitedir(sys.argv[1])
from thesis_rnn.plans.profiles import flags_folder, read_profile
import thesis_rnn
print(thesis_rnn.__file__)
for profile in ("quick", "standard", "constant", "full"):
    print(profile, len(read_profile(profile, flags_folder())))
"""
EXPERIMENTS = ["quick 10", "standard 27", "constant 1", "full 24"]


def run(command, cwd):
    environment = {name: text for name, text in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    """A copy of what is packaged, so that nothing is built inside the repository; without the weights of the zoo."""
    folder = tmp_path_factory.mktemp("source")
    for name in SOURCES:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__", "*.keras"))
        else:
            shutil.copy(ROOT / name, folder / name)
    return folder


def built(kind, source, folder):
    folder.mkdir()
    *_, name = run([sys.executable, "-c", BUILD, f"build_{kind}", str(folder)], source)
    return folder / name


def unpacked(wheel, folder):
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder


def read_in_an_empty_folder(site, folder):
    folder.mkdir()
    return run([sys.executable, "-c", READ, str(site)], folder)


def test_a_wheel_has_the_flagfiles_and_the_scripts(source, tmp_path):
    site = unpacked(built("wheel", source, tmp_path / "dist"), tmp_path / "site")
    package, *told = read_in_an_empty_folder(site, tmp_path / "empty")
    assert pathlib.Path(package).is_relative_to(site)
    assert told == EXPERIMENTS
    inside = {path.relative_to(site / "thesis_rnn/flags") for path in (site / "thesis_rnn/flags").rglob("*.flags")}
    assert inside == {path.relative_to(ROOT / "flags") for path in (ROOT / "flags").rglob("*.flags")}
    assert not (site / "flags").exists()
    assert (site / "thesis_rnn/py.typed").is_file()
    [scripts] = site.glob("*.dist-info/entry_points.txt")
    assert "thesis-rnn = thesis_rnn.__main__:main" in scripts.read_text()
    assert "thesis-rnn-explain = thesis_rnn.support.old_entry_points:main" in scripts.read_text()


def test_a_source_distribution_has_them_too(source, tmp_path):
    archive = built("sdist", source, tmp_path / "dist")
    shutil.unpack_archive(archive, tmp_path / "source", filter="data")
    [folder] = (tmp_path / "source").iterdir()
    assert (folder / "docs/how-to/add-a-method.md").is_file()
    site = unpacked(built("wheel", folder, tmp_path / "wheel"), tmp_path / "site")
    package, *told = read_in_an_empty_folder(site, tmp_path / "empty")
    assert pathlib.Path(package).is_relative_to(site)
    assert told == EXPERIMENTS


def test_an_editable_install_reads_those_of_the_root(source, tmp_path):
    site = unpacked(built("editable", source, tmp_path / "dist"), tmp_path / "site")
    package, *told = read_in_an_empty_folder(site, tmp_path / "empty")
    assert pathlib.Path(package).is_relative_to(source)
    assert told == EXPERIMENTS
