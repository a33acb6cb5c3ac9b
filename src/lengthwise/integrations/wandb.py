"""Weights & Biases: every training is a run."""

from pathlib import Path
from typing import Any, Literal

from lengthwise._internal.extras import required
from lengthwise.integrations.tracker import TrackerCallback


class WandB(TrackerCallback):
    """Writes each training, or each run of a study, for Weights & Biases; by default offline, to files.

    A separate process of wandb writes them, and may continue after a training has returned: a run's file is complete
    when Python ends, or after ``wandb.teardown()``, which waits for that process and ends all runs.

    Parameters
    ----------
    project : str
        Name of the project.
    mode : {"offline", "online", "disabled"}
        ``"offline"`` sends nothing; ``wandb sync`` sends it later.
    folder : str or Path
        The folder ``wandb`` is created in it.
    every : int
        Steps of a training whose means are one point of its curves.

    Raises
    ------
    UsageError
        If wandb is not installed.

    Examples
    --------
    ::

        lengthwise.train(seq_len=12, callbacks=[WandB(project="walks")])  # then, to send it: wandb sync wandb/offline-*
    """

    def __init__(
        self,
        project: str = "lengthwise",
        *,
        mode: Literal["offline", "online", "disabled"] = "offline",
        folder: str | Path = ".",
        every: int = 100,
    ) -> None:
        super().__init__(every)
        self._wandb = required("wandb", "the callback WandB", "wandb")
        self._project = project
        self._mode = mode
        self._folder = Path(folder)
        self._run: Any = None

    def begin(self, name: str, settings: dict[str, Any]) -> None:
        """Begin a run with the settings as its configuration."""
        self._run = self._wandb.init(
            project=self._project,
            name=name,
            config=settings,
            mode=self._mode,
            dir=self._folder,
            reinit="create_new",
            settings=self._wandb.Settings(silent=True, console="off"),
        )

    def log(self, step: int, metrics: dict[str, float]) -> None:
        """Log metrics of a step."""
        self._run.log(metrics, step=step)

    def summarize(self, metrics: dict[str, float]) -> None:
        """Write the final metrics into the run's summary."""
        self._run.summary.update(metrics)

    def end(self, status: str) -> None:
        """End the run."""
        self._run.finish(exit_code=0 if status == "finished" else 1)
