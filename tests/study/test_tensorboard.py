"""TensorBoard's records of a study, read with TensorBoard's own readers."""

import pytest
from tensorboard.backend.event_processing import data_provider, plugin_event_multiplexer
from tensorboard.context import RequestContext
from tensorboard.plugins.base_plugin import TBContext
from tensorboard.plugins.hparams import api_pb2, backend_context, get_experiment, list_session_groups

from lengthwise.study.study import Study
from lengthwise.study.tensorboard import StudyTensorBoard

OPTIONS = {
    "recipe": "notebook",
    "seq_lens": "2,8",
    "seeds": 2,
    "budget": "steps=20",
    "hidden_size": 4,
    "num_layers": 1,
    "batch_size": 16,
}


def study_and_readers(small, folder, **options):
    study = Study(small, **OPTIONS | options).run(callbacks=[StudyTensorBoard(folder)])
    multiplexer = plugin_event_multiplexer.EventMultiplexer().AddRunsFromDirectory(str(folder))
    multiplexer.Reload()
    provider = data_provider.MultiplexerDataProvider(multiplexer, str(folder))
    return study, multiplexer, backend_context.Context(TBContext(data_provider=provider))


@pytest.fixture(scope="module")
def found(small, tmp_path_factory):
    return study_and_readers(small, tmp_path_factory.mktemp("tensorboard"))


def session_groups(context, request):
    experiment = get_experiment.Handler(RequestContext(), context, "", api_pb2.GetExperimentRequest()).run()
    metrics = [api_pb2.ColParams(metric=info.name) for info in experiment.metric_infos]
    names = [api_pb2.ColParams(hparam=info.name) for info in experiment.hparam_infos]
    request.col_params.extend([*names, *metrics])
    request.allowed_statuses.extend([api_pb2.STATUS_SUCCESS, api_pb2.STATUS_FAILURE, api_pb2.STATUS_RUNNING])
    request.slice_size = 100
    return experiment, list_session_groups.Handler(RequestContext(), context, "", request).run().session_groups


def test_every_run_is_a_session_with_its_settings_and_figures(found):
    study, _, context = found
    experiment, groups = session_groups(context, api_pb2.ListSessionGroupsRequest())
    assert {"seq_len", "seed"} <= {info.name for info in experiment.hparam_infos}
    shown = {
        (group.hparams["seq_len"].number_value, group.hparams["seed"].number_value): {
            value.name.tag: value.value for value in group.metric_values
        }
        for group in groups
    }
    results = study.results.set_index(["seq_len", "seed"])
    assert set(shown) == set(results.index)
    for run, figures in shown.items():
        row = results.loc[run]
        for name in ("val_accuracy", "test_accuracy", "seconds", "flops", "activation_bytes"):
            assert figures[f"final/{name}"] == pytest.approx(float(row[name]), rel=1e-6)
    assert {session.status for group in groups for session in group.sessions} == {api_pb2.STATUS_SUCCESS}


def test_every_check_is_a_point_of_the_runs_curves(found):
    study, multiplexer, _ = found
    checks = study.store.validations()
    assert len(multiplexer.Runs()) == 4
    steps = sorted(event.step for run in multiplexer.Runs() for event in multiplexer.Tensors(run, "val_accuracy"))
    assert steps == sorted(checks["update"])


def test_a_run_that_failed_is_a_session_that_failed(small, tmp_path):
    _, _, context = study_and_readers(small, tmp_path, lr=1e30)
    _, groups = session_groups(context, api_pb2.ListSessionGroupsRequest())
    assert {session.status for group in groups for session in group.sessions} == {api_pb2.STATUS_FAILURE}


def test_the_runs_of_a_study_with_folds_are_sessions_that_are_told_apart_by_their_fold(small, tmp_path):
    study, _, context = study_and_readers(small, tmp_path, folds=3)
    experiment, groups = session_groups(context, api_pb2.ListSessionGroupsRequest())
    assert "fold" in {info.name for info in experiment.hparam_infos}
    names = ["seq_len", "seed", "fold"]
    shown = {
        tuple(group.hparams[name].number_value for name in names): next(
            value.value for value in group.metric_values if value.name.tag == "final/val_accuracy"
        )
        for group in groups
    }
    scores = study.store.runs().set_index(names).val_accuracy
    assert len(shown) == len(groups) == len(scores) == 2 * 2 * 3
    assert shown == pytest.approx(scores.to_dict(), rel=1e-6)
