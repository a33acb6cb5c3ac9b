"""The page of a study whose trainings are the user's own, in a browser."""

import numpy as np

import lengthwise
from lengthwise.report.files import write_page

HARD = np.random.default_rng(0).random(500)


def right(seq_len, seed):
    return (0.5 if seq_len < 16 else 0.9) - 0.001 * seed > HARD


def test_it_shows_what_is_known_and_no_part_that_only_networks_have(visit, tmp_path):
    study = lengthwise.Study(objective=right, metric="accuracy", seq_lens="8,12,16,24", seeds=3, baseline=0.5).run()
    seen = visit(write_page(study, tmp_path))
    assert seen.complaints == []
    assert seen.sentence() == study.answers()[0].sentence
    heads = seen.page.locator("#lengths thead th").all_inner_texts()
    assert [head.strip() for head in heads] == [
        "length", "seeds", "accuracy (%)", "costs at most (points)", "training (s)", "verdict",
    ]  # fmt: skip
    assert "Baseline, the baseline: 50.00 %." in seen.page.locator("#lengths caption").inner_text()
    assert seen.page.locator("#learning, #frontier, #hard").count() == 0
