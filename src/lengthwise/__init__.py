"""How long must a training sequence be? Train recurrent networks on windows of any length, and see.

>>> import lengthwise
>>> lengthwise.Settings(seq_len=12).seq_len
12

Public are the names in ``__all__`` and what the public modules among them name in theirs: `lengthwise.analysis`,
`lengthwise.callbacks`, `lengthwise.estimators`, `lengthwise.events`, `lengthwise.plots` and `lengthwise.torch`. Every
other module is private and may change in any version. A name is imported when it is first used: importing the package
loads nothing heavy.
"""

from typing import TYPE_CHECKING

from lengthwise._internal.lazy import lazily
from lengthwise._version import __version__ as __version__

if TYPE_CHECKING:
    from lengthwise import analysis as analysis
    from lengthwise import callbacks as callbacks
    from lengthwise import estimators as estimators
    from lengthwise import events as events
    from lengthwise import plots as plots
    from lengthwise import torch as torch
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
    from lengthwise.results.decide import decide as decide
    from lengthwise.study.answer import Answer as Answer
    from lengthwise.study.budget import Budget as Budget
    from lengthwise.study.command import Command as Command
    from lengthwise.study.recipe import Recipe as Recipe
    from lengthwise.study.recipe_choice import choose_recipe as choose_recipe
    from lengthwise.study.study import Study as Study
    from lengthwise.study.trial import Trial as Trial
    from lengthwise.training.evaluate import evaluate as evaluate
    from lengthwise.training.evaluation import Evaluation as Evaluation
    from lengthwise.training.settings import Settings as Settings
    from lengthwise.training.train import Result as Result
    from lengthwise.training.train import resume as resume
    from lengthwise.training.train import train as train

_MODULES = ("analysis", "callbacks", "estimators", "events", "plots", "torch")
_HOMES = {
    "data": ("Dataset", "Split", "load_data"),
    "errors": ("DataError", "LengthwiseError", "RunError", "UsageError"),
    "estimators": ("LengthSearch", "SequenceClassifier", "SequenceRegressor"),
    "exchange": ("Model", "export", "load_torch"),
    "networks.network": ("Network",),
    "report.files": ("write_results",),
    "results.decide": ("decide",),
    "study.answer": ("Answer",),
    "study.budget": ("Budget",),
    "study.command": ("Command",),
    "study.recipe": ("Recipe",),
    "study.recipe_choice": ("choose_recipe",),
    "study.study": ("Study",),
    "study.trial": ("Trial",),
    "training.evaluate": ("evaluate",),
    "training.evaluation": ("Evaluation",),
    "training.settings": ("Settings",),
    "training.train": ("Result", "resume", "train"),
}
"""Where the names above come from when they are used; a test holds the two lists equal."""

__all__, __getattr__, __dir__ = lazily(__name__, _HOMES, _MODULES)
