"""The names by which columns of results are known, in whatever spelling."""

import re

LENGTHS = frozenset(
    {"seq_len", "seqlen", "seq_length", "sequence_len", "sequence_length", "length", "len", "lookback",
     "look_back", "lookback_len", "lookback_length", "lookback_window", "lookback_steps", "look_back_steps",
     "window", "window_len", "window_length", "window_size", "win_len", "win_size", "input_chunk_length",
     "input_size", "input_len", "input_length", "input_window", "input_steps", "context", "context_len",
     "context_length", "context_size", "context_window", "block_size", "bptt", "bptt_len", "tbptt", "tbptt_steps",
     "n_lags", "num_lags", "nlags", "lags", "timesteps", "time_steps", "n_timesteps", "num_timesteps", "n_steps",
     "num_steps", "n_steps_in", "history", "history_len", "history_length", "history_size", "hist_len", "max_len",
     "max_length", "max_seq_len", "max_seq_length", "max_sequence_length", "max_encoder_length", "encoder_length",
     "n_past", "past_steps", "past_len", "past_length"}
)  # fmt: skip

SEEDS = frozenset({"seed", "random_seed", "random_state", "rng_seed", "rng", "seed_everything", "manual_seed"})

REPEATS = frozenset(
    {"rep", "repeat", "repetition", "replicate", "replication", "run", "run_no", "run_number", "trial"}
)  # fmt: skip
"""What tells the runs of a length apart where there is no seed."""

FOLDS = frozenset({"fold", "cv_fold", "kfold", "k_fold", "fold_id", "fold_idx", "fold_no", "cv", "split"})

CASES = frozenset(
    {"case", "case_id", "series", "series_id", "unique_id", "item_id", "sequence", "sequence_id", "subject",
     "subject_id", "person", "patient", "patient_id", "station", "sample_id"}
)  # fmt: skip

SECONDS = frozenset(
    {"seconds", "train_seconds", "training_seconds", "wall_seconds", "duration", "runtime", "run_time", "elapsed",
     "train_time", "training_time", "fit_time", "mean_fit_time", "wall_time", "wall_clock", "time", "time_s",
     "time_sec", "train_time_s"}
)  # fmt: skip

STEPS = ("epoch", "epochs_done", "step", "global_step", "iteration", "iter", "update")
"""What counts the rows of one run where each is a moment of it."""

STATES = frozenset({"state", "status"})
FINISHED = frozenset(
    {"finished", "complete", "completed", "done", "success", "succeeded", "ok", "trialstate_complete", "terminated"}
)  # fmt: skip

HELD_OUT = {
    "validation": frozenset({"val", "valid", "validation", "dev", "eval", "cv", "oof", "holdout"}),
    "test": frozenset({"test"}),
}
TRAINING = frozenset({"train", "training"})

METADATA = frozenset(
    {"name", "id", "run_id", "run_name", "key", "index", "created", "created_at", "started", "started_at", "ended",
     "finished_at", "updated", "timestamp", "date", "datetime", "user", "username", "host", "hostname", "node",
     "worker", "notes", "tags", "description", "group", "job_type", "sweep", "commit", "git_commit", "git_sha",
     "sha", "reason", "stopped_by", "path", "file", "folder", "output", "output_dir", "out", "checkpoint", "url",
     "gpu", "pid", "uuid", "hash", "log", "log_dir", "logdir", "metrics", "number", "rank", "wandb", "version",
     "device", "error", "message"}
)  # fmt: skip
"""What says nothing of how a run was trained."""

MEASURED = frozenset(
    {"best", "final", "last", "min", "max", "mean", "std", "parameters", "memory", "flops", "updates", "bytes",
     "gradient", "grad", "loss", "score", "scores", "metric", "count", "size_mb", "mb", "ms", "samples_per_second",
     "throughput"}
)  # fmt: skip
"""Words in the names of what was measured of a run."""

METRIC = frozenset({"metric", "metric_name", "measure", "score_name"})
VALUE = frozenset({"value", "score", "result"})
"""Columns of a table that has a row for each metric."""

SETTINGS = frozenset(
    {"model", "model_name", "arch", "architecture", "network", "cell", "cell_type", "method", "algorithm",
     "estimator", "dataset", "data", "task", "target", "horizon", "pred_len", "output_chunk_length", "h", "lr",
     "learning_rate", "hidden", "hidden_size", "hidden_dim", "units", "n_units", "num_units", "layers", "n_layers",
     "num_layers", "batch_size", "batch", "dropout", "optimizer", "optim", "weight_decay", "epochs", "n_epochs",
     "max_epochs", "num_epochs", "d_model", "n_heads", "num_heads", "kernel_size", "channels", "alpha", "c",
     "gamma", "n_estimators", "max_depth", "stride", "normalize", "loss_fn", "activation", "bidirectional",
     "budget", "train_size", "n_train", "features", "kernel", "config", "configuration", "variant", "ablation",
     "noise"}
)  # fmt: skip
"""What settings are usually called."""


def plain(name: str) -> str:
    """Return the last part of a name as it is compared: in small letters, with underscores.

    >>> plain("config.SeqLen"), plain("tsm__Window Size"), plain("model/n-lags"), plain("data.args.seqLen")
    ('seq_len', 'window_size', 'n_lags', 'seq_len')
    """
    last = re.split(r"[./]|__", name.strip())[-1]
    return "_".join(words(last))


def words(name: str) -> list[str]:
    """Return the words of a name, in small letters.

    >>> words("valAcc"), words("Val/F1 (macro)"), words("val_MAE")
    (['val', 'acc'], ['val', 'f1', 'macro'], ['val', 'mae'])
    """
    return re.findall(r"[a-z0-9]+", re.sub(r"(?<=[a-z0-9])(?=[A-Z][a-z])", "_", name).lower())
