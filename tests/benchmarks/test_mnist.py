from benchmarks import mnist


def test_the_table_and_the_pictures_are_made_of_finished_studies(finished, tmp_path):
    answers = dict.fromkeys(mnist.BUDGETS, finished.answers()[0])
    lines = mnist.rows(answers)
    assert [line.split(" | ")[0] for line in lines[2:]] == ["| 2", "| 4", "| 6", "| 8"]
    mnist.draw(answers, tmp_path)
    assert len(list(tmp_path.glob("mnist-*.png"))) == 7
