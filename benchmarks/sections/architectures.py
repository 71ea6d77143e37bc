"""Explanations of the thesis' ten architectures; no other library has them."""

from benchmarks.measuring import OWN, OWN_XLA, Findings, Setup, compare, say, started
from benchmarks.tables import explaining_table

TITLE = "Explaining the thesis' architectures"
NAMES = (
    "shallow",
    "deep",
    "deep_sd",
    "deep_v2",
    "convdeep",
    "rlstm",
    "rlstm_sd",
    "convrlstm_sd",
    "conv_plus_deep",
    "conv_plus_rlstm_sd",
)
METHODS = ("sensitivity", "guided_backprop", "epsilon", "dtd", "alpha2_beta1")


def measure(setup: Setup) -> Findings:
    findings = Findings()
    samples = setup.sized(100, 4)
    for name in setup.sized(NAMES, ("rlstm_sd",)):
        say(f"  {name}")
        begin = len(findings.rows)
        with started((OWN, OWN_XLA), setup, findings) as running:  # anew for each, for the sake of memory
            compare(
                running,
                setup.sized(METHODS, ("alpha2_beta1",)),
                {"case": "architecture", "name": name, "samples": samples},
                setup,
                findings,
            )
        for row in findings.rows[begin:]:
            row |= {"architecture": name, "samples": samples}
    return findings


def tables(record: dict) -> str:
    text = f"12 steps of 28x7 pixels, {record['rows'][0]['samples']} samples at once."
    return f"{text}\n\n{explaining_table(record['rows'], ('architecture',))}"
