"""Methods as text: what names them in flags, files, tables and figures."""

import pytest

from thesis_rnn.attribution import method_spec, method_specs
from thesis_rnn.errors import InputError
from thesis_rnn.support.calls import file_stem


@pytest.mark.parametrize(
    ("text", "canonical", "label", "file_name"),
    [
        ("sensitivity", "sensitivity", "SA", "sensitivity"),
        ("guided_backprop(dtype=float64)", "guided_backprop", "GB", "guided_backprop"),
        ("gradient_x_input", "gradient_x_input", "gradient x input", "gradient_x_input"),
        ("deep_taylor(inputs=real)", "deep_taylor(inputs=real)", "DTD", "deep_taylor_inputs_real"),
        ("lrp( alpha=1.50,beta=.5 )", "lrp(alpha=1.5, beta=0.5)", "LRP-a1.5b0.5", "lrp_alpha_1_5_beta_0_5"),
        ("lrp(2)", "lrp(alpha=2)", "LRP-a2b1", "lrp_alpha_2"),
        ("saliency(output=log_odds)", "saliency(output=log_odds)", "saliency (log_odds)", "saliency_output_log_odds"),
        ("lrp_epsilon(gates=half)", "lrp_epsilon(gates=half)", "lrp_epsilon(gates=half)", "lrp_epsilon_gates_half"),
    ],
)
def test_a_text_has_one_canonical_form_a_label_and_a_file_name(text, canonical, label, file_name):
    spec = method_spec(text)
    assert (spec.text, spec.label, spec.file_name) == (canonical, label, file_name)
    assert method_spec(spec.text).text == canonical
    assert spec.positive_only == text.startswith("lrp(")


def test_keyword_parameters_say_the_same_as_text():
    assert method_spec("lrp", alpha=2, beta=1) == method_spec("lrp(alpha=2, beta=1)")
    assert method_spec(method_spec("lrp(alpha=2)"), beta=1) == method_spec("lrp", alpha=2, beta=1)
    assert hash(method_spec("lrp", alpha=2)) == hash(method_spec("lrp(2)"))


def test_options_of_explain_stand_beside_parameters():
    spec = method_spec("smoothgrad(copies=8, output=probability, dtype=float64)")
    assert (spec.parameters, spec.options) == ({"copies": 8}, {"output": "probability", "dtype": "float64"})
    assert spec.text == "smoothgrad(copies=8, output=probability)"


def test_the_files_of_long_methods_have_names_of_their_own():
    one, other = (file_stem(f"composite({', '.join(['epsilon(0.125)'] * 9)}, {last})") for last in ("flat", "gamma"))
    assert one[:91] == other[:91]
    assert one != other
    assert len(one) == len(other) == 100


def test_a_list_is_separated_by_semicolons():
    specs = method_specs("sensitivity; guided_backprop; deep_taylor; lrp(alpha=1.5, beta=0.5)")
    assert [spec.label for spec in specs] == ["SA", "GB", "DTD", "LRP-a1.5b0.5"]
    with pytest.raises(InputError, match=r"^name each method once; received lrp\(alpha=2\) twice$"):
        method_specs("lrp(2); lrp(alpha=2.0)")
