"""The table and the picture of the answers by three kinds of models."""

import pytest

from benchmarks.answer_models import ERRORS, LENGTHS, MODELS, table
from benchmarks.models_chart import draw


@pytest.fixture
def found():
    answer = {"sentence": "", "lengths": [2, 4, 8], "scores": [0.5, 0.9, 0.8], "bounds": [0.4, 0, 0.2]}
    chosen = dict(zip(MODELS, (4, None, 8), strict=True))
    return {name: {model: answer | {"chosen": chosen[model]} for model in MODELS} for name in LENGTHS}


def test_a_row_has_the_length_that_is_enough_and_the_best_one(found):
    rows = {row.split("|")[1].strip(): row for row in table(found).splitlines()[2:]}
    assert rows["airline"] == "| airline | 25 | **4**; 2 (0.50) | not decided; 2 (0.50) | **8**; 2 (0.50) |"
    assert rows["gunpoint"] == "| gunpoint | 150 | **4**; 4 (90.0 %) | not decided; 4 (90.0 %) | **8**; 4 (90.0 %) |"


def test_every_data_set_has_its_axes(found, tmp_path):
    draw(found, MODELS, ERRORS, tmp_path / "models.svg")
    text = (tmp_path / "models.svg").read_text()
    for name in LENGTHS:
        assert f"<!-- {name}: {'MASE, lower is better' if name in ERRORS else 'accuracy'} -->" in text
    for title in MODELS.values():
        assert f"<!-- {title} -->" in text
