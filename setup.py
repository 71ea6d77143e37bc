"""Packaging of thesis_rnn; the version lives in thesis_rnn/version.py."""

import pathlib
import runpy

from setuptools import find_packages, setup

ROOT = pathlib.Path(__file__).parent
OLD_PROGRAMS = ("train", "explain", "evaluate", "report", "reproduce", "boxes")

setup(
    name="thesis_rnn",
    version=runpy.run_path(str(ROOT / "thesis_rnn" / "version.py"))["__version__"],
    description="Recurrent networks designed for explainability: train, explain, evaluate and look.",
    long_description=(ROOT / "docs" / "index.md")
    .read_text(encoding="utf-8")
    .partition("## Where to go")[0]
    .replace(
        "![Relevance of two architectures](../figures/figure_3_20.png)\n\n", ""
    ),  # a package index shows no picture of a repository
    long_description_content_type="text/markdown",
    license="MIT",
    classifiers=[
        "Development Status :: 4 - Beta",
        "Intended Audience :: Science/Research",
        "Operating System :: POSIX :: Linux",
        "Programming Language :: Python :: 3.11",
        "Programming Language :: Python :: 3.12",
        "Programming Language :: Python :: 3.13",
        "Topic :: Scientific/Engineering :: Artificial Intelligence",
        "Typing :: Typed",
    ],
    # The flagfiles at the root are also inside the installed package: see thesis_rnn.plans.profiles.
    packages=[*find_packages(include=["thesis_rnn", "thesis_rnn.*"]), "thesis_rnn.flags"],
    package_dir={"thesis_rnn.flags": "flags"},
    package_data={
        "thesis_rnn": [
            "py.typed",
            "__init__.pyi",
            "shards/__init__.pyi",
            "reporting/pages/page.html",
            "zoo/*/*.keras",
            "zoo/*/*.json",
        ],
        "thesis_rnn.flags": ["*.flags", "*/*.flags"],
    },
    python_requires=">=3.11,<3.14",
    # Lower bounds are what was tested; upper bounds end before the next release that may break.
    install_requires=[
        "tensorflow>=2.21,<2.22",
        "keras>=3.15,<3.16",
        "tensorflow-datasets>=4.9.10,<5",
        "importlib_resources>=7.1",  # tensorflow-datasets imports it without declaring it
        "tensorboard>=2.21,<2.22",  # TensorFlow 2.21 no longer installs it
        "numpy>=2.4,<3",
        "scipy>=1.17,<2",
        "scikit-learn>=1.9,<2",
        "pandas>=3.0,<4",
        "jinja2>=3.1,<4",
        "matplotlib>=3.11,<4",
        "absl-py>=2.5,<3",
        "tqdm>=4.70,<5",
    ],
    extras_require={
        "test": [
            "pytest>=9.2,<10",
            "mypy>=2.4,<3",
            "pytest-xdist>=3.8,<4",
            "hypothesis>=6.170,<7",
            "ruff>=0.17,<0.18",
            "hmmlearn>=0.3.3,<0.4",
        ],
        "docs": ["mkdocs>=1.6,<2", "mkdocs-material>=9.8,<10", "mkdocstrings[python]>=1.0,<2"],
        # More than one machine: --executor=ray.
        "ray": ["ray[default]>=2.60,<3"],
        # The analysis "surrogate": hidden Markov models of states.
        "hmm": ["hmmlearn>=0.3.3,<0.4"],
        # TensorFlow with NVIDIA's libraries; training and explanations need no other code.
        "gpu": ["tensorflow[and-cuda]>=2.21,<2.22"],
        # Libraries that the tests marked "peers" compare with.
        "peers": ["torch>=2.13,<3", "zennit==0.5.1", "captum>=0.9,<0.10", "quantus>=0.6,<0.7", "shap>=0.51,<0.52"],
    },
    entry_points={
        "console_scripts": [
            "thesis-rnn = thesis_rnn.__main__:main",
            # The programs of before, which say what the command is now.
            *(f"thesis-rnn-{name} = thesis_rnn.support.old_entry_points:main" for name in OLD_PROGRAMS),
        ]
    },
)
