"""A study on a real Ray cluster, one node of which is killed."""

import json
import os
import subprocess
import sys

from lengthwise.study.study import Study
from tests.processes import LONGEST
from tests.study.test_study import OPTIONS, assert_equal


def test_a_node_that_is_killed_half_way_changes_no_figure_and_no_run_is_stored_twice(small_folder, tmp_path):
    out = tmp_path / "study"
    done = subprocess.run(
        [sys.executable, "-m", "tests.integrations.ray_nodes", str(small_folder), str(out)],
        capture_output=True,
        text=True,
        timeout=LONGEST,
        check=False,
        env=os.environ | {"RAY_DISABLE_IMPORT_WARNING": "1", "RAY_USAGE_STATS_ENABLED": "0"},
    )
    assert done.returncode == 0, done.stderr[-3000:]
    told = json.loads(done.stdout.splitlines()[-1])
    assert (told["nodes"], told["nodes_left"]) == (2, 1)
    assert sorted(told["stored"].values()) == [1] * 6
    local = Study(small_folder, **OPTIONS | {"budget": "steps=2000"}).run()
    assert_equal(Study.load(out), local)


def test_the_command_starts_a_cluster_of_its_own_and_the_plan_chooses_the_same_runs_there(small_folder, tmp_path):
    out = tmp_path / "study"
    options = ["--data", str(small_folder), "--budget", "steps=10", "--recipe", "notebook", "--margin", "0.1"]
    command = [sys.executable, "-m", "lengthwise", "study", *options, "--executor", "ray", "--out", str(out)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=LONGEST, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    local = Study(small_folder, budget="steps=10", recipe="notebook").run(margin=0.1)
    assert len(set(local.results.seed)) > 1
    assert_equal(Study.load(out), local)


def test_a_cluster_that_cannot_be_reached_is_an_error_in_one_sentence(small_folder, tmp_path):
    options = ["--data", str(small_folder), "--seq-lens", "2,8", "--executor", "ray", "--ray-address", "127.0.0.1:1"]
    command = [sys.executable, "-m", "lengthwise", "study", *options, "--out", str(tmp_path / "study")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=LONGEST, check=False)
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1, done.stderr
    assert "the Ray cluster at 127.0.0.1:1 cannot be reached" in done.stderr
