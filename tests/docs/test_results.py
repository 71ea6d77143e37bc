"""The pages of results show what was measured."""

from benchmarks import results
from benchmarks.summary import summarise


def test_speed_is_what_was_measured():
    summary = summarise(results.RESULTS)
    assert "times the best other" in summary
    assert results.SUMMARY.read_text("utf-8") == results.summary_page(summary)
