"""What a study's scores say: intervals for each length, and which length is long enough.

>>> from lengthwise.analysis import LengthScores, recommend, sentence_of
>>> scores = LengthScores(
...     seq_lens=[10, 10, 10, 20, 20, 20, 28, 28, 28],
...     seeds=[0, 1, 2, 0, 1, 2, 0, 1, 2],
...     scores=[0.901, 0.903, 0.902, 0.960, 0.961, 0.9615, 0.961, 0.9605, 0.962],
... )
>>> print(sentence_of(recommend(scores), operations={10: 1.0, 20: 2.0, 28: 2.8}))
20 of 28 steps are enough: with 95 % confidence, the accuracy is less than 0.5 percentage points worse than with any other length tried (seen: 0.03 percentage points worse than 28, the best); 28 would take 1.4 × as many operations a training step.

Scores are accuracies unless their `Metric` says otherwise. Pure arithmetic on arrays: nothing here reads, writes or draws.
"""  # noqa: E501 - the doctest's output

from lengthwise.analysis.decision import check_question as check_question
from lengthwise.analysis.decision import lengths_to_extend as lengths_to_extend
from lengthwise.analysis.decision import recommend as recommend
from lengthwise.analysis.looks import Looks as Looks
from lengthwise.analysis.recommendation import LengthTest as LengthTest
from lengthwise.analysis.recommendation import Recommendation as Recommendation
from lengthwise.analysis.scores import LengthScores as LengthScores
from lengthwise.analysis.sentence import sentence_of as sentence_of
from lengthwise.analysis.summary import Interval as Interval
from lengthwise.analysis.summary import LengthSummary as LengthSummary
from lengthwise.analysis.summary import summarize as summarize
from lengthwise.tasks.metrics import Metric as Metric

__all__ = [
    "Interval",
    "LengthScores",
    "LengthSummary",
    "LengthTest",
    "Looks",
    "Metric",
    "Recommendation",
    "recommend",
    "sentence_of",
    "summarize",
]
