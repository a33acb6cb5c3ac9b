"""Options of data: what follows a name after ?."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lengthwise.data.options import Options
from lengthwise.errors import UsageError

names = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=12)


@given(
    st.builds(
        Options,
        standardize=st.sampled_from([None, "train", "none"]),
        missing=st.sampled_from(["refuse", "forward", "mean", "zero"]),
        seed=st.integers(0, 2**63 - 1),
        validation=st.floats(0.01, 0.4),
        test=st.floats(0.01, 0.4),
        task=st.sampled_from([None, "classification", "regression"]),
        sequence=st.none() | names,
        target=st.none() | names,
        features=st.none() | st.lists(names, min_size=1, max_size=4).map(tuple),
    )
)
def test_options_written_out_are_read_back_as_they_were(options):
    assert Options.parse(str(options)) == options


def test_defaults_are_not_written_in_a_name():
    assert not str(Options(seed=0, missing=None))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("sed=1", "there is no option 'sed' of data: did you mean 'seed'"),
        ("wibble=1", "there is no option 'wibble' of data: choose from standardize, missing"),
        ("seed", "option 'seed' has no value: write name=value"),
        ("seed=", "option 'seed=' has no value"),
        ("seed=1&seed=2", "option 'seed' is given twice"),
        ("seed=one", "seed is 'one', but must be an integer"),
        ("seed=-1", "seed is -1, but must be 0 to"),
        ("test=lots", "test is 'lots', but must be a number above 0 and below 1"),
        ("test=1.5", "test is 1.5, but must be a number above 0 and below 1"),
        ("test=nan", "test is nan, but must be a number above 0"),
        ("test=0.5&validation=0.5", "but sequences must be left for training"),
        ("missing=guess", "missing is 'guess', but must be one of refuse, forward, mean, zero"),
        ("standardize=yes", "standardize is 'yes', but must be one of train, none"),
        ("task=poetry", "task is 'poetry', but must be one of classification"),
    ],
)
def test_an_invalid_option_is_refused_in_one_sentence(text, message):
    with pytest.raises(UsageError, match=message):
        Options.parse(text)


@pytest.mark.parametrize("given", [{"seed": "1"}, {"seed": 1.5}, {"seed": None}, {"test": "0.2"}, {"validation": None}])
def test_an_argument_of_another_type_is_refused_in_one_sentence(given):
    with pytest.raises(UsageError, match=r"but must be (an integer|a number)"):
        Options.make(given)


def test_one_feature_may_be_given_without_a_list():
    assert Options.make({"features": "x"}) == Options.make({"features": ["x"]})
