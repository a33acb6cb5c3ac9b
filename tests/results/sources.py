"""Results as other programs note them, made by those programs: lengths 8, 16 and 24, seeds 0 to 2."""

import numpy as np
from torch.utils.tensorboard import SummaryWriter

RUNS = [(seq_len, seed) for seq_len in (8, 16, 24) for seed in range(3)]


def accuracy(seq_len, seed):
    """Return what a run scored: 8 is too short, 16 is enough."""
    noise = np.random.default_rng([seq_len, seed]).normal()
    return round(0.95 - 0.05 * (seq_len < 16) + 0.001 * noise, 6)


def write_optuna(storage, *, direction="maximize", failing=None, study_name="lookback"):
    import optuna  # noqa: PLC0415 - not every test needs it

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    grid = {"seq_len": [8, 16, 24], "seed": [0, 1, 2]}
    study = optuna.create_study(
        storage=storage, study_name=study_name, direction=direction, sampler=optuna.samplers.GridSampler(grid, seed=0)
    )

    def objective(trial):
        run = trial.suggest_categorical("seq_len", grid["seq_len"]), trial.suggest_categorical("seed", grid["seed"])
        trial.set_user_attr("host", "node1")
        if run == failing:
            raise ArithmeticError
        return accuracy(*run) if direction == "maximize" else 1 - accuracy(*run)

    study.optimize(objective, n_trials=9, catch=(ArithmeticError,))


def write_mlflow(uri, *, failing=None):
    import mlflow  # noqa: PLC0415 - not every test needs it

    client = mlflow.MlflowClient(tracking_uri=uri)
    experiment = client.create_experiment("walks")
    for seq_len, seed in RUNS:
        run = client.create_run(experiment).info.run_id
        for name, value in {"seq_len": seq_len, "seed": seed, "model": "lstm"}.items():
            client.log_param(run, name, value)
        for step, below in enumerate((0.2, 0.1, 0.0)):
            client.log_metric(run, "val_acc", accuracy(seq_len, seed) - below, step=step)
        client.log_metric(run, "train_loss", 0.3)
        client.set_terminated(run, "FAILED" if (seq_len, seed) == failing else "FINISHED")


def write_hparams(folder):
    """Write what PyTorch's `SummaryWriter.add_hparams` writes, beside the curves of the same trainings."""
    for seq_len, seed in RUNS:
        with SummaryWriter(folder / f"{seq_len}-{seed}") as writer:
            writer.add_scalar("loss/train", 0.3, 0)
            settings = {"seq_len": seq_len, "seed": seed, "cell": "gru", "bidirectional": True}
            writer.add_hparams(settings, {"hparam/val_acc": accuracy(seq_len, seed)}, run_name="session")
