"""Packaging of thesis_rnn; the version lives in thesis_rnn/version.py."""

import pathlib
import runpy

from setuptools import find_packages, setup

ROOT = pathlib.Path(__file__).parent

setup(
    name="thesis_rnn",
    version=runpy.run_path(str(ROOT / "thesis_rnn" / "version.py"))["__version__"],
    description="Recurrent networks designed for explainability: train, explain, evaluate and look.",
    long_description=(ROOT / "README.md").read_text(encoding="utf-8"),
    long_description_content_type="text/markdown",
    license="MIT",
    packages=find_packages(include=["thesis_rnn", "thesis_rnn.*"]),
    package_data={"thesis_rnn": ["zoo/*/*.keras", "zoo/*/*.json"]},
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
        "matplotlib>=3.11,<4",
        "absl-py>=2.5,<3",
        "tqdm>=4.70,<5",
    ],
    extras_require={
        "test": ["pytest>=9.2,<10", "pytest-xdist>=3.8,<4", "ruff>=0.17,<0.18"],
        # Libraries that the tests marked "peers" compare with.
        "peers": ["torch>=2.13,<3", "zennit==0.5.1", "captum>=0.9,<0.10", "quantus>=0.6,<0.7"],
    },
    entry_points={
        "console_scripts": [
            "thesis-rnn-train = thesis_rnn.train:run",
            "thesis-rnn-explain = thesis_rnn.explain:run",
            "thesis-rnn-evaluate = thesis_rnn.evaluate:run",
            "thesis-rnn-report = thesis_rnn.report:run",
            "thesis-rnn-reproduce = thesis_rnn.reproduce:run",
            "thesis-rnn-boxes = thesis_rnn.boxes:run",
        ]
    },
)
