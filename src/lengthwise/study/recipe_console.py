"""What a person sees while a recipe is chosen: on a terminal which pilot is trained, elsewhere one line."""

from rich.console import Console
from rich.status import Status

from lengthwise._internal.output import Output
from lengthwise.study.recipe import PilotCompiling, PilotStarted, RecipeChosen
from lengthwise.training.callbacks.console import compiling_notice


class RecipeConsole:
    """Prints how the pilot trainings go on; a callback.

    Parameters
    ----------
    console : rich.console.Console, optional
        Standard output by default.
    """

    def __init__(self, console: Console | None = None) -> None:
        self._console = Output(soft_wrap=True) if console is None else console
        self._status: Status | None = None
        self._told = self._compiling = False

    def __call__(self, event: object) -> None:
        """Print what the event is about; events of other kinds are left alone."""
        match event:
            case PilotCompiling() if not self._compiling:
                self._compiling = True
                self._console.print(compiling_notice())
            case PilotStarted():
                self._show(event)
            case RecipeChosen():
                self.close()

    def close(self) -> None:
        """Take the line of progress off the terminal."""
        if self._status is not None:
            self._status.stop()
            self._status = None

    def _show(self, event: PilotStarted) -> None:
        settings = event.settings
        text = (
            f"choosing what to train: pilot {event.number} of at most {event.most}, {settings.cell} of "
            f"{settings.hidden_size} units, lr {settings.lr:g}, {settings.steps} updates …"
        )
        if self._console.is_terminal:
            if self._status is None:
                self._status = Status(text, console=self._console)
                self._status.start()
            self._status.update(text)
        elif not self._told:
            self._told = True
            self._console.print("choosing what to train by pilot trainings …")
