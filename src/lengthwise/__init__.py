"""How long must a training sequence be? Train recurrent networks on windows of any length, and see.

>>> import lengthwise
>>> lengthwise.Settings(seq_len=12).seq_len
12

Everything public is named in ``__all__``, and imported when it is first used: importing the package loads nothing
heavy.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from lengthwise._version import __version__

if TYPE_CHECKING:
    from lengthwise.data import Dataset as Dataset
    from lengthwise.data import Split as Split
    from lengthwise.data import load_data as load_data
    from lengthwise.errors import DataError as DataError
    from lengthwise.errors import LengthwiseError as LengthwiseError
    from lengthwise.errors import RunError as RunError
    from lengthwise.errors import UsageError as UsageError
    from lengthwise.estimators import LengthSearch as LengthSearch
    from lengthwise.estimators import SequenceClassifier as SequenceClassifier
    from lengthwise.estimators import SequenceRegressor as SequenceRegressor
    from lengthwise.exchange import Model as Model
    from lengthwise.exchange import export as export
    from lengthwise.exchange import load_torch as load_torch
    from lengthwise.networks.network import Network as Network
    from lengthwise.report.files import write_results as write_results
    from lengthwise.study.answer import Answer as Answer
    from lengthwise.study.budget import Budget as Budget
    from lengthwise.study.study import Study as Study
    from lengthwise.training.evaluate import evaluate as evaluate
    from lengthwise.training.evaluate import evaluate_lengths as evaluate_lengths
    from lengthwise.training.evaluation import Evaluation as Evaluation
    from lengthwise.training.settings import Settings as Settings
    from lengthwise.training.train import Result as Result
    from lengthwise.training.train import resume as resume
    from lengthwise.training.train import train as train

_HOME = {
    "Answer": "study.answer",
    "Dataset": "data",
    "Split": "data",
    "load_data": "data",
    "DataError": "errors",
    "LengthwiseError": "errors",
    "RunError": "errors",
    "UsageError": "errors",
    "LengthSearch": "estimators",
    "SequenceClassifier": "estimators",
    "SequenceRegressor": "estimators",
    "Evaluation": "training.evaluation",
    "Model": "exchange",
    "export": "exchange",
    "load_torch": "exchange",
    "Network": "networks.network",
    "evaluate": "training.evaluate",
    "evaluate_lengths": "training.evaluate",
    "write_results": "report.files",
    "Result": "training.train",
    "resume": "training.train",
    "train": "training.train",
    "Settings": "training.settings",
    "Budget": "study.budget",
    "Study": "study.study",
}

__all__ = ["__version__", *_HOME]  # noqa: PLE0604 - the names above


def __getattr__(name: str) -> Any:
    if name == "torch":
        return import_module("lengthwise.torch")
    if name not in _HOME:
        raise AttributeError(f"module 'lengthwise' has no attribute {name!r}")
    return getattr(import_module(f"lengthwise.{_HOME[name]}"), name)
