"""Metrics of runs before long-form rows, in the keys of today."""

from collections.abc import Iterator, Mapping

from thesis_rnn.attribution import method_spec
from thesis_rnn.runs.settings import Settings
from thesis_rnn.support.calls import parse_call

KEYS = {
    "saliency_probability": "saliency(output=log_odds)",
    "lrp": "lrp(alpha=1.5, beta=0.5)",
    "integrated_gradients": "integrated_gradients(points=16)",
    "lrp_epsilon_half": "lrp_epsilon(gates=half)",
    "lrp_epsilon_prop": "lrp_epsilon(gates=prop)",
    "lrp_epsilon_abs": "lrp_epsilon(gates=abs)",
}
"""Map of a run on boxes -> its method; other names are the same."""
MEASURES = {
    "right_percentage": "evidence_percentage",
    "ink_share": "foreground_mass_accuracy",
    "unexplained": "n_unexplained",
    "zero_relevance": "n_zero_relevance",
    "largest_absorbed_share": "absorbed_share",
}
"""Old name of a measure -> its name of today; other names are the same."""
SCORES = (
    *("cosine", "right_percentage", "zero_relevance", "ink_share", "step_flipping", "patch_flipping", "unexplained"),
    "largest_absorbed_share",
)
"""The old names of the scores of a run of images, in the order of its tables."""
WITHOUT_SIGN = ("saliency", "saliency(output=log_odds)")
"""Methods whose share of positive relevance is that of |relevance|, as runs on boxes told it."""


def methods_of(flags: Mapping[str, str], of_boxes: bool) -> list[str]:
    """The methods of old flags, as texts."""
    names = [name.strip() for name in flags["method"].split(",")]
    if of_boxes:
        named = [KEYS.get(name, name) for name in names if name != "sensitivity"]
        return ["saliency(output=log_odds)", "saliency", *named]
    return [method_text(name, flags) for name in names]


def method_text(name: str, given: Mapping) -> str:
    """The text of an old method with its parameters, which the old flags, or its file, gave."""
    if name in ("lrp", "lrp_alpha_beta"):
        return f"{name}(alpha={float(given['alpha']):g}, beta={float(given['beta']):g})"
    if name == "composite":
        return str(parse_call(f"composite({str(given['rules']).replace(';', ',')})"))
    return name


def rows_of(metrics: Mapping, settings: Settings) -> list[dict]:
    """The rows of an old ``metrics.json``."""
    return list(_of_boxes(metrics) if "maps" in metrics else _of_images(metrics, settings))


def _of_images(metrics: Mapping, settings: Settings) -> Iterator[dict]:
    specs = [method_spec(text) for text in settings.explanation.methods.split(";")]
    by_name = {spec.name: spec for spec in specs}
    for name, scores in metrics["methods"].items():
        key = {"method": by_name[name].text, "label": scores["label"]}
        for measure in SCORES:
            if measure in scores:
                yield _row(key, measure, scores[measure])
        yield from _steps(key, scores["step_distribution"], scores.get("step_distribution_by_class", ()))
    for name, interval in metrics.get("baselines", {}).items():
        yield _row(_reference(name), "cosine", interval)
    for measure, interval in metrics.get("chance", {}).items():
        yield _row(_reference("chance"), measure, interval)
    yield from _steps(_reference("pixel mass"), metrics["pixel_mass"], metrics.get("pixel_mass_by_class", ()))


def _of_boxes(metrics: Mapping) -> Iterator[dict]:
    labels = {name: KEYS.get(name, name) for name in metrics["half_life"] | metrics["masked_accuracy"]}
    for name, text in labels.items():
        label = text if text.startswith("(") else method_spec(text).label
        key = {"method": text, "label": label}
        scores = dict(metrics["maps"].get(name, {}))
        scores |= {
            measure: metrics[measure][name] for measure in ("half_life", "masked_accuracy") if name in metrics[measure]
        }
        for measure, value in scores.items():
            if value is not None:
                yield _row(key, measure, value)
        share = "step_share" if text in WITHOUT_SIGN else "step_share(absolute=true)"
        yield from _steps(key, metrics["step_shares"].get(name, ()), (), share)


def _reference(name: str) -> dict[str, str]:
    return {"method": f"({name})", "label": f"({name})"}


def _row(key: Mapping[str, str], measure: str, value, class_="", step="") -> dict:
    interval = value if isinstance(value, Mapping) else {"mean": value, "low": None, "high": None, "n": None}
    place = {"measure": MEASURES.get(measure, measure), "class": class_, "step": step, "epoch": ""}
    return {**key, **place, "value": interval["mean"], **{name: interval[name] for name in ("low", "high", "n")}}


def _steps(key: Mapping[str, str], shares, by_class, measure: str = "step_share") -> Iterator[dict]:
    """Rows of each step: of all samples, and of each class that has some."""
    for class_, values in [("", shares), *enumerate(by_class)]:
        for step, value in enumerate(values or (), start=1):
            yield _row(key, measure, value, class_, step)
