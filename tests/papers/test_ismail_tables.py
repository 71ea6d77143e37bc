"""Tables of the box data, from rows that are written by hand."""

import pytest

from tests.helpers.made_up_results import box, chance, results
from thesis_rnn.papers.ismail_2019.published import DATA, MISPRINT, PUBLISHED, TABLE_1, TABLE_2
from thesis_rnn.papers.ismail_2019.scores import COMPARED
from thesis_rnn.papers.ismail_2019.tables import TABLES


def table(name, rows):
    return TABLES[name](results(*rows))


def named(made):
    """The table's rows, each a mapping from its column to its cell."""
    return [dict(zip(made.header, row, strict=True)) for row in made.rows]


# ---- what is printed


def test_printed_numbers_are_those_of_the_paper():
    # Read from the paper's tables: corners, and the misprint "100.0".
    assert PUBLISHED["lstm", "box_earlier"] == ("0.000", "1.006", "53.4")
    assert PUBLISHED["lstm_ica", "box_mixed"] == ("0.104", "0.912", "77.6")
    assert PUBLISHED["lstm_self_attention_ica", "box_three_middle"] == ("0.043", "0.967", "100.0")
    assert PUBLISHED["lstm_mean", "box_earlier"] == ("0.007", "1.024", "99.9")
    assert PUBLISHED["lstm_mean_ica", "box_earlier"] == (MISPRINT, "0.904", "100.0")
    assert set(PUBLISHED) == {(model, data) for model in TABLE_2 for data in DATA}
    assert set(TABLE_1) < set(TABLE_2)


def test_printed_numbers_are_possible():
    for pair, (jaccard, distance, accuracy) in PUBLISHED.items():
        assert jaccard == MISPRINT or 0 <= float(jaccard) < 0.2, pair
        assert 0.8 < float(distance) < 1.1, pair
        assert 49 <= float(accuracy) <= 100, pair


# ---- tables 1 and 2


def three_seeds(**values):
    """LSTM on Earlier: 0.1, 0.2, 0.3 by the probability, the half by the logit; one run of three hit the cap."""
    rows = []
    for seed in range(3):
        own = {"seed": seed, "accuracy": 0.5 + seed / 100, "ended_by": "updates" if seed == 1 else "fitted"}
        score = (1 + seed) / 10
        rows.append(box("box_earlier", "lstm", COMPARED, weighted_jaccard=score, **own))
        rows.append(box("box_earlier", "lstm", "saliency", weighted_jaccard=score / 2, **own))
    return rows


def test_cells_of_table_1():
    # 0.1, 0.2, 0.3: s = 0.1, t(0.975, 2) = 4.3027 (any table of t): 4.3027 * 0.1 / sqrt(3) = 0.248; the logit half.
    # Accuracies 50, 51, 52: 51 and 4.3027 / sqrt(3) = 2.48.
    [row] = named(table("boxes_table_1", three_seeds() + [chance("box_earlier")]))
    assert row == {
        "data set": "box_earlier",
        "model": "LSTM",
        "seeds": "3",
        "at the cap": "1",
        "WJac published": "0.000",
        "WJac probability": "0.200 ± 0.248",
        "WJac logit": "0.100 ± 0.124",
        "Euc published": "1.006",
        "Euc probability": "0.900 ± 0.000",
        "Euc logit": "0.900 ± 0.000",
        "accuracy published": "53.4",
        "accuracy": "51.0 ± 2.5",
    }


def test_tables_have_their_models_in_the_paper_s_order():
    rows = [box(data, model) for data in ("box_latter", "box_earlier") for model in reversed(TABLE_2)]
    rows += [box("box_moving_0", "lstm"), box("box_earlier", "gru")] + [
        chance("box_earlier", "box_latter", "box_moving_0")
    ]
    one, two = table("boxes_table_1", rows), table("boxes_table_2", rows)
    assert [row[1] for row in one.rows] == ["LSTM", "Bi-LSTM", "LSTM, self-attention", "LSTM, input-cell attention"] * 2
    assert [row[0] for row in two.rows] == ["box_earlier"] * 9 + ["box_latter"] * 9
    assert [row[1] for row in two.rows][:3] == ["LSTM", "Bi-LSTM", "LSTM, input-cell attention"]


def test_partial_attention_is_no_row_of_table_1():
    rows = [
        box("box_earlier", "lstm_ica", variant="attend_last_steps=10"),
        box("box_earlier", "lstm_ica", variant="attention_window=5"),
    ]
    assert table("boxes_table_1", rows + [chance("box_earlier")]).rows == []


def test_the_table_says_how_often_noise_wins():
    # Noise has 0.2 (made up). Measured 0.1 and 0.3: one of two below. Published: .000 and .103, both below.
    rows = [box("box_earlier", "lstm", weighted_jaccard=0.1), box("box_earlier", "lstm_ica", weighted_jaccard=0.3)]
    note = table("boxes_table_1", rows + [chance("box_earlier")]).notes[-1]
    assert "0.200 to 0.200" in note
    assert note.endswith("It beats 1 of 2 measured and 2 of 2 published scores.")


def test_a_misprint_is_not_counted():
    note = table("boxes_table_2", [box("box_earlier", "lstm_mean_ica"), *chance("box_earlier")]).notes[-1]
    assert note.endswith("It beats 1 of 1 measured and 0 of 0 published scores.")


# ---- chance


def test_scores_stand_below_the_maps_that_know_nothing():
    rows = [box("box_earlier", "lstm", weighted_jaccard=0.1, euclidean=0.9, roc_auc=0.75), *chance("box_earlier")]
    made = named(table("boxes_chance", rows))
    assert [row["map"] for row in made] == [
        *("uniform noise", "half-normal noise", "empty map", "last step only", "the box itself", "LSTM")
    ]
    last = made[-1]
    # (0.1 - 0.2) / (1 - 0.2) = -0.125; (0.9 - 1.2) / (0 - 1.2) = 0.25; (0.75 - 0.5) / (1 - 0.5) = 0.5
    assert [last[f"{name} corrected"] for name in ("WJac", "Euc", "ROC-AUC")] == ["-0.12", "+0.25", "+0.50"]
    assert [row["WJac corrected"] for row in made[:5]] == ["+0.00", "-0.07", "-0.25", "-0.25", "+1.00"]


def test_opposite_orders_by_hand():
    # WJac: a > b > c. ROC-AUC: c > b > a. All three pairs disagree; a and c are farthest apart in ROC-AUC.
    scores = {"lstm_ica": (0.11, 0.55), "bilstm": (0.05, 0.7), "lstm": (0.02, 0.95)}
    rows = [
        box("box_latter", model, weighted_jaccard=jaccard, roc_auc=area) for model, (jaccard, area) in scores.items()
    ]
    [row] = table("boxes_opposite_orders", rows + [chance("box_latter")]).rows
    ica, lstm = "LSTM, input-cell attention (0.110, 0.550)", "LSTM (0.020, 0.950)"
    assert row == ["box_latter", "3", "3", ica, lstm, ica, lstm]


def test_models_in_the_same_order_have_no_case():
    rows = [box("box_latter", "lstm", roc_auc=0.9, weighted_jaccard=0.2), box("box_latter", "lstm_ica", roc_auc=0.5)]
    [row] = table("boxes_opposite_orders", rows).rows
    assert row[1:3] == ["1", "0"]
    assert row[-2:] == ["", ""]


# ---- the bridge


def bridge_rows(gains, model="lstm", base=0.5):
    """Saliency base, base + 0.1, ... by seed, LRP-e that adds a gain to it, and chance: 0.5."""
    rows = [chance("box_earlier")]
    for seed, gain in enumerate(gains):
        own = base + seed / 10
        rows.append(box("box_earlier", model, "saliency", seed, roc_auc=own, mass_accuracy=0.3))
        rows.append(box("box_earlier", model, "lrp_epsilon", seed, roc_auc=own + gain, mass_accuracy=0.3))
    return rows


def test_gains_are_paired_over_seeds():
    # Gains 0.1, 0.2, 0.3: mean 0.2 -+ 4.3027 * 0.1 / sqrt(3) = 0.248, so [-0.048, 0.448]. The runs' spread of 0.1 from
    # seed to seed does not enter. t = 0.2 / (0.1 / sqrt(3)) = 3.464 with 2 degrees of freedom, whose distribution has a
    # closed form: p = 1 - t / sqrt(t^2 + 2) = 1 - 3.464 / 3.742 = 0.074. Mass: no difference in any seed, so [0, 0].
    saliency, lrp = named(table("boxes_bridge", bridge_rows([0.1, 0.2, 0.3])))
    assert (saliency["method"], saliency["gain in ROC-AUC"], saliency["it helps"]) == ("SA", "", "")
    assert lrp["method"] == "LRP-e, gates: all"
    assert lrp["gain in ROC-AUC"] == "+0.200 [-0.048, +0.448]"
    cells = table("boxes_bridge", bridge_rows([0.1, 0.2, 0.3])).rows[1]
    assert cells[7:9] == ["0.074", "undecided at 3 seeds"]
    assert cells[10:] == ["+0.000 [+0.000, +0.000]", "1.000", "undecided at 3 seeds"]
    # Gains 0.2, 0.201, 0.202: t = 0.201 / (0.001 / sqrt(3)) = 348, p = 1 - 348 / sqrt(348^2 + 2) = 8e-6.
    assert table("boxes_bridge", bridge_rows([0.2, 0.201, 0.202])).rows[1][7] == "<0.001"


@pytest.mark.parametrize(
    ("gains", "word"),
    [
        ([0.2, 0.21, 0.22], "holds"),
        ([-0.2, -0.21, -0.2], "does not hold"),
        ([0.01, 0.0101, 0.0102], "does not hold, below 0.02"),
    ],
)
def test_clear_gains_decide(gains, word):
    assert table("boxes_bridge", bridge_rows(gains)).rows[1][8] == word


@pytest.mark.parametrize(
    ("base", "word"),
    # Saliency has the mean base + 0.1, LRP-e base + 0.31, chance 0.5.
    [(0.0, "holds, below chance"), (0.18, "holds, below chance"), (0.2, "holds")],
)
def test_a_gain_that_ends_below_chance_is_called_so(base, word):
    assert table("boxes_bridge", bridge_rows([0.2, 0.21, 0.22], base=base)).rows[1][8] == word


def test_one_seed_decides_nothing_and_seeds_without_saliency_do_not_count():
    rows = [*bridge_rows([0.2]), box("box_earlier", "lstm", "lrp_epsilon", 7, roc_auc=0.9)]
    cells = table("boxes_bridge", rows).rows[1]
    assert cells[6:9] == ["+0.200", "", "undecided at 1 seed"]


def test_p_values_are_adjusted_for_all_of_a_score():
    # Gains 0.2, 0.21, 0.22 have p = 1 - t / sqrt(t^2 + 2) with t = 36.37, 0.000755; four such methods of which three
    # gain nothing: 4 / 1 times that, 0.003.
    rows = bridge_rows([0.2, 0.21, 0.22])
    for seed in range(3):
        noise = 0.5 + seed / 10 + (0.1, -0.1, 0.02)[seed]
        for method in ("deep_taylor", "gradient_x_input", "lrp(alpha=1.5, beta=0.5)"):
            rows.append(box("box_earlier", "lstm", method, seed, roc_auc=noise, mass_accuracy=0.3))
    cells = {row[2]: row for row in table("boxes_bridge", rows).rows}
    assert cells["LRP-e, gates: all"][7:9] == ["0.003", "holds"]


def test_models_that_have_not_learnt_are_not_judged():
    def words(*accuracies):
        rows = [
            row | {"accuracy": str(accuracies[int(row["seed"])])} if "accuracy" in row else row
            for part in bridge_rows([0.2, 0.21, 0.22])
            for row in part
        ]
        return table("boxes_bridge", rows).rows[1][8]

    assert words(0.5, 0.51, 0.52) == "not learnt"
    assert words(0.5, 0.99, 1.0) == "learnt by 2 of 3 seeds"
    assert words(0.98, 0.99, 1.0) == "holds"


def test_the_bridge_says_in_words_what_it_found():
    summary = table("boxes_bridge", bridge_rows([0.2, 0.21, 0.22])).notes[1]
    wanted = "ROC-AUC: 1 of 1 differences are there after adjustment, 1 of them gains of a model that has learnt: "
    assert summary.startswith(wanted + "LRP-e, gates: all on LSTM, box_earlier. mass: 0 of 1")


# ---- input-cell attention against all others


def test_the_verdict_on_input_cell_attention_names_the_best_other():
    rows = [box("box_mixed", "lstm_ica", seed=seed, weighted_jaccard=0.01, euclidean=0.8) for seed in range(3)]
    rows += [
        box("box_mixed", "lstm_self_attention", seed=seed, weighted_jaccard=0.1, euclidean=0.9) for seed in range(3)
    ]
    rows += [box("box_mixed", "lstm", seed=seed, weighted_jaccard=0.0, euclidean=1.0) for seed in range(3)]
    cells = table("boxes_best", rows).rows
    assert cells == [
        ["box_mixed", "WJac", "0.010 ± 0.000", "LSTM, self-attention", "0.100 ± 0.000", "does not hold"],
        ["box_mixed", "Euc", "0.800 ± 0.000", "LSTM, self-attention", "0.900 ± 0.000", "holds"],
    ]


def test_a_model_with_saliency_alone_is_no_row_of_the_bridge():
    assert table("boxes_bridge", [box("box_earlier", "gru", "saliency")]).rows == []


def test_the_forms_of_attention_as_far_as_they_were_run():
    full = box("box_latter", "lstm_ica", COMPARED, weighted_jaccard=0.1, roc_auc=0.5, half_life=41, accuracy=1)
    late = box("box_latter", "lstm_ica", COMPARED, variant="attention_window=10", weighted_jaccard=0.2, half_life=9)
    mixed = box("box_mixed", "lstm_ica", COMPARED, half_life=3)  # no form but one was asked for
    made = table("boxes_forms", [full, late, mixed])
    assert [row[:3] for row in made.rows] == [
        ["box_latter", "to the last 10 inputs only", "0.200"],
        ["box_latter", "all", "0.100"],
    ]
    assert [row[5] for row in made.rows] == ["9.0", "41.0"]


def test_half_lives_of_every_method():
    rows = [box("box_latter", "lstm", "saliency", seed, half_life=life) for seed, life in enumerate((1.0, 2.0))]
    rows += [box("box_earlier", "gru", "lrp_epsilon", half_life=50)]
    rows += [box("box_earlier", "gru", "(hidden)", half_life=0.7)]
    made = table("boxes_vanishing", rows)
    assert made.header[2:] == ["SA", "LRP-e, gates: all", "dh_T/dh_t"]
    # 1 and 2: s = 0.707, 12.706 * 0.707 / sqrt(2) = 6.35
    assert made.rows == [["box_earlier", "GRU", "", "50.0", "0.7"], ["box_latter", "LSTM", "1.5 ± 6.4", "", ""]]
