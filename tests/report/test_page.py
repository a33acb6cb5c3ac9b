"""The page, in a real browser."""

import json
import threading
import time
from dataclasses import replace

import pytest

from lengthwise import Settings, Study
from lengthwise.report.files import write_page, write_tables
from lengthwise.report.page import MARGINS
from lengthwise.study.run import Outcome
from lengthwise.tasks.metrics import ACCURACY
from tests.report.made import add_runs, dataset, made_study

SIZES = [(1280, 800), (390, 844)]

HOSTILE = """<img src=x onerror="document.title='taken'">'"&\n</script><script>document.title='taken'</script><!--"""


def bottom(page, selector):
    box = page.locator(selector).first.bounding_box()
    return box["y"] + box["height"]


def violations(page):
    """What axe-core finds wrong with the page, contrast included."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    found = axe.run(page).response["violations"]
    return [f"{each['id']}: {node['html'][:120]}" for each in found for node in each["nodes"]]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("dark", [False, True])
def test_it_loads_with_no_complaint_and_no_request(visit, report, size, dark):
    seen = visit(report / "report.html", size=size, dark=dark)
    seen.picture(f"page-{size[0]}-{'dark' if dark else 'light'}")
    assert seen.complaints == []
    assert [address for address in seen.requests if not address.startswith("data:")] == []
    assert seen.page.locator("svg[role=img]").count() >= 6


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", ["report", "several_report"])
def test_question_answer_and_curve_are_on_the_first_screen(visit, request, size, name):
    page = visit(request.getfixturevalue(name) / "report.html", size=size).page
    for selector in ("h1", "#answer", "#accuracy .plot"):
        assert bottom(page, selector) <= size[1], selector
    assert page.locator("h1").inner_text() == "How long must a training sequence be?"
    assert page.evaluate("document.documentElement.scrollWidth") <= size[0]


def test_the_answer_is_what_python_says(visit, report, study):
    assert visit(report / "report.html").sentence() == study.answers()[0].sentence


def test_without_javascript_the_answer_is_there(browser, report, study):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto((report / "report.html").as_uri())
    assert study.answers()[0].sentence in page.locator("#answer").inner_text()
    context.close()


def test_moving_the_margin_moves_the_recommendation_as_python_computes_it(visit, report, study):
    seen = visit(report / "report.html")
    page, lengths = seen.page, set()
    for place in (0, 3, 10, 20, len(MARGINS) - 1):
        page.locator("#margin").fill(str(place))
        answer = study.answers(margin=MARGINS[place])[0]
        assert seen.sentence() == answer.sentence
        recommended = page.locator("#lengths tr.recommended td").first
        if answer.recommendation.seq_len is None:
            assert recommended.count() == 0
        else:
            assert recommended.inner_text() == str(answer.recommendation.seq_len)
        lengths.add(answer.recommendation.seq_len)
    assert len(lengths) > 3
    page.locator("#margin").press("ArrowLeft")
    assert seen.sentence() == study.answers(margin=MARGINS[-2])[0].sentence
    assert page.locator("#margin").get_attribute("aria-valuetext") == "4.5 percentage points"


def test_what_a_length_costs_at_most_moves_with_the_margin(visit, report, study):
    page = visit(report / "report.html").page
    place = page.locator("#lengths th").all_inner_texts().index("costs at most (points)") + 1
    seen = []
    for margin in (0, 10, 30):
        page.locator("#margin").fill(str(margin))
        bounds = study.answers(margin=MARGINS[margin])[0].recommendation.bounds
        seen.append(page.locator(f"#lengths td:nth-child({place})").all_inner_texts())
        assert seen[-1] == [f"{100 * ACCURACY.rounded_up(bound):.2f}" for bound in bounds.values()]
    assert seen[0] != seen[1] != seen[2]


def test_hovering_a_point_shows_its_numbers(visit, report, study):
    page = visit(report / "report.html").page
    summary = study.answers()[0].validation[11]
    page.locator("#accuracy g[data-mark=dot] path, #accuracy g[data-mark=dot] circle").nth(11).hover(force=True)
    tip = page.locator("#accuracy g[aria-label=tip]")
    tip.get_by_text("length 12, 3 seeds").wait_for()
    assert f"validation {100 * summary.mean:.2f} %" in tip.text_content()


@pytest.mark.parametrize("chart", ["accuracy", "cost", "frontier", "learning", "matrix", "anytime"])
def test_arrow_keys_go_through_the_points_of_a_picture(visit, report, chart):
    seen = visit(report / "report.html")
    plot = seen.page.locator(f"#{chart} .plot")
    plot.focus()
    texts = []
    for key in ("ArrowRight", "ArrowRight", "ArrowDown", "End", "ArrowUp", "Home"):
        plot.press(key)
        texts.append(seen.page.locator(f"#{chart} .readout").text_content())
    assert texts[0] == texts[-1]
    assert len(set(texts)) >= 3
    assert seen.page.locator(f"#{chart} g[aria-label=tip]").text_content() != ""
    assert seen.complaints == []


def test_every_picture_has_its_numbers_in_a_table(visit, report):
    page = visit(report / "report.html").page
    for chart in ("accuracy", "cost", "plan", "frontier", "learning", "matrix", "anytime"):
        page.locator(f"#{chart} summary").click()
        page.locator(f"#{chart} table tbody tr").nth(5).wait_for()
        assert "undefined" not in page.locator(f"#{chart} table").inner_text()
        assert "NaN" not in page.locator(f"#{chart} table").inner_text()


def test_learning_curves_switch_between_steps_time_steps_and_time(visit, report):
    page = visit(report / "report.html").page
    labels = set()
    for over in ("update", "timesteps", "seconds"):
        page.locator(f"input[name=over][value={over}]").check(force=True)
        labels.add(page.locator("#learning .plot svg").get_attribute("aria-label"))
    assert len(labels) == 3


def test_a_picture_that_does_not_show_all_points_says_so(visit, tmp_path):
    study = made_study(dataset(test=20, num_steps=400), seq_lens="4,400", seeds=2, eval_lens="4,400")
    write_page(study, tmp_path)
    seen = visit(tmp_path / "report.html")
    note = seen.page.locator("#anytime .note")
    assert "points of the curves are drawn; the study's store has all." in note.inner_text()
    assert seen.page.locator("#learning .note").count() == 0
    assert seen.complaints == []


def test_the_curve_can_be_seen_near_the_best(visit, report):
    page = visit(report / "report.html").page

    def lowest():
        return float(page.locator("#accuracy g[data-mark='y-axis tick label'] text").first.text_content())

    whole = lowest()
    page.locator("input[name=zoom][value=top]").check(force=True)
    assert lowest() > whole + 30


def test_the_table_sorts_by_a_click_on_its_head(visit, report):
    page = visit(report / "report.html").page

    def column(place):
        return [
            float(text.split()[0]) for text in page.locator(f"#lengths tbody td:nth-child({place})").all_inner_texts()
        ]

    assert column(1) == list(range(1, 29))
    head = page.locator("#lengths th button", has_text="test (%)")
    head.click()
    assert column(4) == sorted(column(4))
    assert page.locator("#lengths th[aria-sort=ascending]").inner_text().startswith("test (%)")
    head.press("Enter")
    assert column(4) == sorted(column(4), reverse=True)
    assert page.locator("#lengths th[aria-sort=descending]").count() == 1


def test_the_csv_that_downloads_is_results_csv(visit, report):
    page = visit(report / "report.html").page
    with page.expect_download() as download:
        page.locator("#download").click()
    assert download.value.suggested_filename == "results.csv"
    assert download.value.path().read_bytes() == (report / "results.csv").read_bytes()


def test_sequences_that_need_long_windows_are_drawn(visit, report):
    page = visit(report / "report.html").page
    assert (
        "test sequences are correct at length 28 and wrong at 26 in most seeds"
        in page.locator("#hard-note").inner_text()
    )
    assert page.locator("#hard li svg .window").count() == page.locator("#hard li").count() > 0


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("name", ["report", "several_report"])
@pytest.mark.parametrize("size", SIZES)
def test_axe_finds_nothing_wrong(visit, request, dark, name, size):
    page = visit(request.getfixturevalue(name) / "report.html", dark=dark, size=size).page
    for chart in ("accuracy", "cost"):
        page.locator(f"#{chart} summary").click()
    page.locator("#accuracy svg[role=img] circle").last.hover(force=True)
    assert page.locator("#accuracy [aria-label=tip]").count() == 1
    assert violations(page) == []


def test_the_plan_shows_the_rounds_and_their_seeds(visit, tmp_path):
    study = Study(dataset(test=100), seq_lens="4,28", seeds=1, recipe="notebook")
    for wider in ({}, {"seq_lens": "12,20"}, {"seeds": 3}):
        study.extend(**wider).store.begin_round()
        add_runs(study)
    write_page(study, tmp_path)
    seen = visit(tmp_path / "report.html")
    plan = seen.page.locator("#plan")
    assert plan.locator(".plot svg").get_attribute("aria-label") == (
        "What was trained when. Round 1: lengths 4, 28. Round 2: lengths 12, 20. Round 3: lengths 4, 12, 20, 28."
    )
    assert plan.locator("g[data-mark=text] text").all_text_contents()[-8:] == ["1"] * 4 + ["2"] * 4
    plan.locator("summary").click()
    assert plan.locator("tbody tr").nth(2).inner_text().split("\t") == ["2", "after 0 s", "12", "1", "1"]
    assert seen.complaints == []


def test_lengths_are_given_as_times_where_a_step_s_is_known(visit, tmp_path):
    write_page(made_study(dataset(step_seconds=0.02), seq_lens="4:28:4"), tmp_path)
    seen = visit(tmp_path / "report.html")
    assert " of 28 steps (" in seen.sentence()
    assert seen.page.locator("#lengths td:nth-child(2)").all_inner_texts()[:2] == ["80 ms", "160 ms"]
    assert "20 ms" in seen.page.locator("#made").inner_text()
    assert seen.complaints == []


def test_several_configurations_are_said_and_one_is_shown_in_detail(visit, several_report):
    seen = visit(several_report / "report.html")
    page = seen.page
    seen.picture("several")
    names = [f"hidden_size {size}" for size in (16, 31, 64)]
    assert [text.strip() for text in page.locator("#answer .configuration").all_inner_texts()] == names
    assert page.locator("#sentences p").count() == 3
    before = page.locator("#frontier .plot svg").get_attribute("aria-label")
    page.locator("#configuration").select_option("hidden_size 64")
    assert page.locator("#frontier .plot svg").get_attribute("aria-label") != before
    assert page.locator("#lengths tbody tr").count() == 3 * 7
    assert seen.complaints == []


def test_on_paper_there_are_no_controls(visit, report):
    page = visit(report / "report.html").page
    page.emulate_media(media="print")
    assert not page.locator("#margin").is_visible()
    assert not page.locator("#download").is_visible()
    assert page.locator("#accuracy svg").first.is_visible()


def test_on_paper_colours_are_those_for_light(visit, report):
    page = visit(report / "report.html", dark=True).page

    def longest():
        return page.locator("#learning g[data-mark=line] path").last.get_attribute("stroke")

    on_screen = longest()
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert longest() != on_screen
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    assert longest() == on_screen


def test_hostile_names_are_shown_and_do_nothing(visit, tmp_path):
    data = replace(dataset(HOSTILE, test=100), classes=(HOSTILE, f"{HOSTILE} 2", "'\"\n"))
    study = made_study(data, seq_lens="4,28", seeds=2)
    failing = Settings(data=HOSTILE, seq_len=4, seed=7, steps=8592)
    study.store.add(Outcome(failing, reason=f"it failed: {HOSTILE}"))
    folder = tmp_path / "<b>'\" &amp;"
    write_page(study, folder)
    write_tables(study, folder)
    seen = visit(folder / "report.html")
    seen.page.wait_for_timeout(200)
    assert seen.complaints == []
    assert [address for address in seen.requests if not address.startswith("data:")] == []
    assert "taken" not in seen.page.title().replace("document.title='taken'", "")
    shown = " ".join(HOSTILE.split())
    assert shown in " ".join(seen.page.locator(".subject").inner_text().split())
    assert shown in " ".join(seen.page.locator("#failures").inner_text().split())
    assert shown in " ".join(seen.page.locator("#made").inner_text().split())
    assert seen.page.locator("img, b").count() == 0
    assert seen.page.locator("script").count() == 4
    with seen.page.expect_download() as download:
        seen.page.locator("#download").click()
    assert download.value.path().read_bytes() == (folder / "results.csv").read_bytes()


def test_a_study_without_a_finished_run_says_so(visit, tmp_path):
    write_page(Study(dataset(test=100), seq_lens="4,28", seeds=1, recipe="notebook"), tmp_path)
    seen = visit(tmp_path / "report.html")
    seen.picture("empty")
    assert seen.complaints == []
    assert seen.sentence() == "No run has finished yet, so there is no answer."
    assert "0 of 2 runs have finished" in seen.page.locator("#status").inner_text()
    assert not seen.page.locator("#details").is_visible()
    assert violations(seen.page) == []


@pytest.mark.parametrize("runs", [1, 2, 9])
def test_a_half_finished_study_is_shown_as_such(visit, tmp_path, runs):
    write_page(made_study(dataset(test=100), seq_lens="4:28:4", seeds=2, runs=runs), tmp_path)
    seen = visit(tmp_path / "report.html")
    seen.picture(f"half-{runs}")
    assert seen.complaints == []
    assert f"{runs} of 14 runs have finished; the answer may change." in seen.page.locator("#status").inner_text()
    assert violations(seen.page) == []


def test_series_are_drawn_as_curves(visit, tmp_path):
    data = dataset(test=200)
    parts = {
        name: replace(split, values=split.values[:, :, :2]) for name, split in vars(data).items() if name in
        ("train", "validation", "test")
    }  # fmt: skip
    write_page(made_study(replace(data, **parts), seq_lens="4:28:4"), tmp_path, margin=0.1)
    seen = visit(tmp_path / "report.html")
    assert seen.page.locator("#hard li svg.series polyline").count() == 2 * seen.page.locator("#hard li").count() > 0
    assert seen.complaints == []


def test_the_page_stays_small(tmp_path):
    study = made_study(dataset(test=200), seeds=5, eval_lens="all", hidden_size=(16, 31, 64))
    assert len(study.results) == 28 * 5 * 3
    assert write_page(study, tmp_path).stat().st_size < 5_000_000


@pytest.fixture
def server(tmp_path):
    """Serves a study in a folder, of which no run has finished; its folder and address."""
    uvicorn = pytest.importorskip("uvicorn")
    from lengthwise.report.server import Pages, application  # noqa: PLC0415 - an extra

    folder = tmp_path / "study"
    study = Study(dataset(test=100), seq_lens="4:28:8", seeds=2, out=folder, recipe="notebook")
    pages = Pages(folder, data=study.dataset)
    running = uvicorn.Server(uvicorn.Config(application(pages, ("127.0.0.1",)), port=0, log_level="error"))
    thread = threading.Thread(target=running.run, daemon=True)
    thread.start()
    while not running.started:
        assert thread.is_alive()
        time.sleep(0.01)
    port = running.servers[0].sockets[0].getsockname()[1]
    yield study, f"http://127.0.0.1:{port}/"
    running.should_exit = True
    thread.join(10)


def test_the_live_page_follows_the_study(visit, server):
    study, address = server
    seen = visit(address)
    page = seen.page
    assert "0 of 8 runs have finished" in page.locator("#status").inner_text()
    add_runs(study, 3)
    page.get_by_text("3 of 8 runs have finished").wait_for(timeout=60_000)
    assert page.locator("#lengths tbody tr").count() == 2
    study.store.add(Outcome(study.pending()[0], reason="the loss is not finite"))
    page.get_by_text("1 run has failed.").wait_for(timeout=60_000)
    assert "the loss is not finite" in page.locator("#failures").inner_text()
    page.locator("#margin").fill("20")
    add_runs(study)
    page.get_by_text("seq_len 12, seed 1: the loss is not finite").wait_for(timeout=60_000)
    page.locator("#lengths tbody tr").nth(3).wait_for(timeout=60_000)
    assert seen.sentence() == study.answers(margin=MARGINS[20])[0].sentence
    assert seen.complaints == []
    assert all(each.startswith((f"{address}data.json?", "data:")) for each in seen.requests)
    assert (
        json.loads(page.locator("#data").text_content())["csv"].count("\n") == 1
    )  # the page itself was never loaded anew
