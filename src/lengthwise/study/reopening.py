"""Who goes on with a study that was made before."""

from typing import TYPE_CHECKING, Any

from lengthwise.data.dataset import Dataset
from lengthwise.errors import UsageError
from lengthwise.study.command import Command, Commands
from lengthwise.study.networks import Networks
from lengthwise.study.objective import Function, Objective, check_function
from lengthwise.study.store import Store
from lengthwise.study.table import TABLE, Table
from lengthwise.study.trainer import Trainer
from lengthwise.study.trials import Trials

if TYPE_CHECKING:
    from lengthwise.networks.module_network import Factory


def trainer_of(
    store: Store,
    *,
    data: Dataset | None = None,
    make_module: "Factory | None" = None,
    objective: Function | None = None,
) -> Trainer:
    """Return what makes the trainings of a stored study; see `lengthwise.Study.load` for the arguments.

    Raises
    ------
    UsageError
        If something is given that does not go with the study.
    """
    told: dict[str, Any] | None = store.environment.get("told")
    if told is None:
        if objective is not None:
            raise UsageError(f"objective is given, but the study trains networks on {store.design.data}.")
        return Networks(store, data, make_module)
    if data is not None or make_module is not None:
        name = "make_module" if data is None else "data"
        raise UsageError(f"{name} is given, but the study's trainings are your own: give objective to go on with them.")
    metric, noted = store.subject.metric, told["trainer"]
    if noted["kind"] == "command" and store.folder is not None:
        return Commands(Command(**noted["command"]), store.folder, metric)
    if objective is None:
        return Table(metric) if told["trainer"]["kind"] == TABLE else Trials(metric)
    check_function(objective, store.design)
    return Objective(objective, metric)
