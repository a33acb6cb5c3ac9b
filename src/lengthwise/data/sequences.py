"""What a reader returns, and how it becomes a data set: fill missing values, split, standardise."""

import os
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lengthwise.data.dataset import SPLITS, Dataset, Scaling
from lengthwise.data.ends import find_ends, padding_notes
from lengthwise.data.forecasting import Series, make_forecasts
from lengthwise.data.labels import plain_targets
from lengthwise.data.levels import rounded, rounded_targets
from lengthwise.data.missing import fill_missing, find_missing, gaps_in, refuse_missing, within
from lengthwise.data.options import Options
from lengthwise.data.reading import listed
from lengthwise.data.recordings import as_recordings
from lengthwise.data.rows import Rows, is_mapped
from lengthwise.data.scaling import measure, standardize, standardize_numbers, standardize_step_numbers
from lengthwise.data.sequence_types import Sequences
from lengthwise.data.split import Split, blocks
from lengthwise.data.splitting import TRAIN, VALIDATION, draw_splits, draw_validation, given_splits
from lengthwise.data.step_time import span_in_words
from lengthwise.data.targets import TARGETS, TaskName
from lengthwise.errors import DataError, UsageError

COPIED_UP_TO = 1 << 30
"""Bytes up to which an array on disk is copied to memory and standardised by default; larger ones stay on disk."""

FEW_MISSING = 0.01
"""Share of the values up to which missing ones are filled where no option says what to do with them."""

MANY_CLASSES = 20
"""More classes than this, and than half the sequences, are refused: the targets are probably numbers."""


def make_dataset(sequences: Sequences, options: Options, name: str) -> Dataset:
    """Return sequences as a data set: missing values filled, split and standardised according to the options.

    Raises
    ------
    DataError
        If they are invalid.
    UsageError
        If the options do not fit them.
    """
    _check_shapes(sequences)
    _refuse_language(sequences, options)
    step_seconds = sequences.step_seconds(options.rate)
    if options.rate is not None and step_seconds is not None:
        fact = ("rate", f"{options.rate:g} steps a second: a step is {span_in_words(1, step_seconds)}")
        sequences = replace(sequences, reading=sequences.reading.stating(fact))
    if options.task == "forecasting":
        _check_are_numbers(sequences)
        found = make_forecasts(_series(_plain(sequences, sequences.values, options), options), options, name)
        return replace(found, step_seconds=step_seconds)
    sequences = _rounded(sequences)
    values = sequences.values
    sequences = _plain(sequences, values, options)
    for option in ("horizon", "season", "relative"):
        if option in options.given:
            raise UsageError(f"{option} applies only to forecasting: give task=forecasting as well.")
    every_step = TARGETS[_task(sequences, options)].every_step
    if every_step:
        _check_steps(sequences, options)
        sequences = as_recordings(replace(sequences, values=values), options)
        values = sequences.values
    else:
        _refuse_options_of_steps(options)
    task, targets, classes = _targets(sequences, options)
    targets, units = rounded_targets(targets, every_step=every_step)
    splits = _splits(sequences, options, targets, stratified=TARGETS[task].class_of_sequence)
    values, doubts = _complete(sequences, values, options, splits == TRAIN)
    group_names, groups = _groups(sequences)
    parts = [
        _part(values, targets, sequences.lengths, groups, np.flatnonzero(splits == part)) for part in range(len(SPLITS))
    ]
    if sequences.recordings is not None:
        parts = [replace(part, recordings=sequences.recordings[splits == number]) for number, part in enumerate(parts)]
    if units is not None:
        parts = [replace(part, units=units) for part in parts]
    if TARGETS[task].numeric and options.standardize != "none":
        parts = standardize_step_numbers(parts) if every_step else standardize_numbers(parts)
    train, validation, test, scaling = scale(parts, options, default=_standardized_by_default(values, sequences))
    return Dataset(
        name=name,
        train=train,
        validation=validation,
        test=test,
        num_classes=len(classes),
        task=task,
        classes=classes,
        features=sequences.features,
        scaling=scaling,
        reading=replace(sequences.reading, doubts=(*sequences.reading.doubts, *doubts)),
        step_windows=sequences.step_windows,
        step_seconds=step_seconds,
        group_names=group_names,
        grouped_by=sequences.grouped_by,
        validation_is_drawn=_validation_is_drawn(sequences),
    )


def _validation_is_drawn(sequences: Sequences) -> bool:
    """Return whether other sequences could be the validation split as well, so that there may be folds."""
    if sequences.splits is None or (sequences.recordings is not None and sequences.task != "language"):
        return True
    return not (given_splits(sequences.splits) == VALIDATION).any()


def _plain(sequences: Sequences, values: NDArray[Any], options: Options) -> Sequences:
    """Return sequences that end where their values end, and whose targets have the type of what they are."""
    lengths, notes = sequences.lengths, list[str]()
    if values.dtype != np.uint8 and (options.padding is not None or not is_mapped(values)):
        lengths = find_ends(values, lengths, options.padding, sequences.source)
        if lengths is not None and lengths is not sequences.lengths:
            before = values.shape[1] if sequences.lengths is None else sequences.lengths
            count = int((lengths < before).sum())
            ends = "1 sequence ends" if count == 1 else f"{count:,} sequences end"
            notes.append(f"{ends} where all that follows is missing, or padding")
        if options.padding is None and not sequences.scaled:
            notes += padding_notes(values, lengths)
    targets = sequences.targets
    if sequences.task is None and not sequences.classes and options.task != "forecasting":
        targets, more = plain_targets(targets, options.task, values.shape[1])
        notes += more
    return replace(sequences, lengths=lengths, targets=targets, reading=sequences.reading.noting(*notes))


def _task(sequences: Sequences, options: Options) -> TaskName:
    """Return what is predicted: what was asked for, what the source defines, or what the targets are."""
    if sequences.task is not None and TARGETS[sequences.task].every_step:
        return sequences.task  # the source's targets change from step to step
    found = options.task or sequences.task
    if found is not None:
        return found
    shape, dtype = sequences.targets.shape, sequences.targets.dtype
    if shape == sequences.values.shape[:2] and shape[1] > 1 and not np.issubdtype(dtype, np.floating):
        return "tagging"
    return "regression" if np.issubdtype(dtype, np.floating) else "classification"


def _check_steps(sequences: Sequences, options: Options) -> None:
    shape, needed = sequences.targets.shape, sequences.values.shape[:2]
    if shape != needed:
        raise DataError(
            f"{sequences.source} has targets of shape {shape}, but {_task(sequences, options)} needs {needed}."
        )


def _refuse_options_of_steps(options: Options) -> None:
    for option in ("lookback", "label", "stride", "gap"):
        if option in options.given:
            raise UsageError(
                f"{option} applies only where every step has a target, or to forecasts, but every sequence has one: "
                f"choose task=tagging, step_regression or forecasting, or leave it out."
            )


def _refuse_language(sequences: Sequences, options: Options) -> None:
    if options.task == "language" and sequences.task != "language":
        raise UsageError(
            f"task is language, but {sequences.source} has no text or tokens: give a text file, which ends in .txt, or "
            f"a table with a column of tokens or texts; where every step has a class, choose task=tagging."
        )


def _series(sequences: Sequences, options: Options) -> Series:
    """Return sequences as series, float64; missing values are refused where they are to be."""
    if sequences.splits is not None or sequences.groups is not None:
        raise UsageError(f"{sequences.source} names splits or groups, but forecasts are split by time: leave them out.")
    values, lengths = sequences.values, sequences.lengths
    if find_missing(values, lengths, sequences.where) and options.missing == "refuse":
        refuse_missing(values, lengths, sequences.where)
    steps = [values.shape[1]] * len(values) if lengths is None else lengths.tolist()
    return Series(
        sequences.source,
        [np.asarray(one[:length], np.float64) for one, length in zip(values, steps, strict=True)],
        sequences.features,
        sequences.predicted,
        sequences.names,
        None if sequences.times is None else [own[:length] for own, length in zip(sequences.times, steps, strict=True)],
        sequences.reading,
    )


def scale(parts: Sequence[Split], options: Options, *, default: bool) -> tuple[Split, Split, Split, Scaling | None]:
    """Return the three splits, standardised if the options ask for it, or give no choice and `default` is true."""
    train, validation, test = parts
    if not (default if options.standardize is None else options.standardize == "train"):
        return train, validation, test, None
    check_memory("standardising needs a copy", sum(part.values.nbytes for part in parts), train.values.dtype)
    scaling = measure(train)
    return standardize(train, scaling), standardize(validation, scaling), standardize(test, scaling), scaling


def check_memory(why: str, nbytes: int, dtype: np.dtype[Any]) -> None:
    """Raise `UsageError` if a float32 copy of `nbytes` bytes of a type does not fit into this machine's memory."""
    need = nbytes // dtype.itemsize * 4
    have = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    if need > have:
        raise UsageError(
            f"{why} of {need / 1e9:.1f} GB in memory, but this machine has {have / 1e9:.1f} GB: store standardised "
            f"float32 values, none missing, in a .npy file, which is read from disk, and choose standardize=none."
        )


def _check_shapes(sequences: Sequences) -> None:
    source, values, count = sequences.source, sequences.values, len(sequences.values)
    if values.ndim != 3 or 0 in values.shape:
        raise DataError(
            f"{source} has values of shape {values.shape}, but they must have sequences, time steps and features."
        )
    for name in ("targets", "lengths", "splits", "groups"):
        array = getattr(sequences, name)
        if array is not None and (array.ndim < 1 or len(array) != count):
            raise DataError(f"{source} has {count} sequences, but {name} of shape {array.shape}: one each is needed.")
    lengths = sequences.lengths
    if lengths is None:
        return
    wrong = (lengths < 1) | (lengths > values.shape[1])
    if lengths.ndim != 1 or wrong.any():
        at = int(np.argmax(wrong)) if lengths.ndim == 1 else 0
        raise DataError(
            f"{source} gives sequence {at} a length of {lengths[at]} steps, but values allow 1 to {values.shape[1]}."
        )
    if (lengths == values.shape[1]).all():
        sequences.lengths = None


def _rounded(sequences: Sequences) -> Sequences:
    """Return sequences whose values are uint8 or float32, copied only if they have another type or order."""
    values = sequences.values
    if values.dtype == np.uint8 or (values.dtype == np.float32 and values.flags.c_contiguous):
        plain = values.view(np.ndarray)
        return replace(sequences, values=plain if plain.flags.c_contiguous else np.ascontiguousarray(plain))
    _check_are_numbers(sequences)
    check_memory(f"values of type {values.dtype.name} need a float32 copy", values.nbytes, values.dtype)
    found, levels = rounded(values, sequences.lengths)
    names = sequences.features or tuple(f"feature {number}" for number in range(values.shape[2]))
    shown = listed([f"{names[feature]} less {level:.15g}" for feature, level in levels.items()])
    notes = (f"read {shown}, as 32 bits would lose what varies in so large numbers",) if levels else ()
    return replace(sequences, values=found, reading=sequences.reading.noting(*notes))


def _check_are_numbers(sequences: Sequences) -> None:
    values = sequences.values
    if not (np.issubdtype(values.dtype, np.number) or values.dtype == np.bool_) or np.iscomplexobj(values):
        raise DataError(f"{sequences.source} has values of type {values.dtype}, but they must be real numbers.")


def _targets(sequences: Sequences, options: Options) -> tuple[TaskName, NDArray[Any], tuple[str, ...]]:
    """Return the task, the targets in the task's form, and the names of the classes."""
    targets, source = sequences.targets, sequences.source
    if targets.dtype == object:
        targets = np.array([str(target) for target in targets.ravel()]).reshape(targets.shape)
    real = np.issubdtype(targets.dtype, np.floating)
    task = _task(sequences, options)
    kind = TARGETS[task]
    shape = targets.shape
    padding = None
    if kind.every_step and sequences.lengths is not None and shape == sequences.values.shape[:2]:
        padding = np.arange(shape[1]) >= sequences.lengths[:, None]
        targets = np.where(padding, targets[:, :1], targets)  # padding must not count as a class
    if real and not np.isfinite(targets).all():
        at = int(np.argwhere(~np.isfinite(targets))[0][0])
        raise DataError(f"{source}: the target of sequence {at} is missing: every sequence needs one.")
    if kind.numeric:
        if not (real or np.issubdtype(targets.dtype, np.integer)):
            raise DataError(f"{source} has targets of type {targets.dtype}, but {task} needs numbers.")
        return task, targets.astype(np.float64), ()
    expected = sequences.values.shape[:2] if kind.every_step else sequences.values.shape[:1]
    if shape != expected:
        raise DataError(f"{source} has targets of shape {shape}, but {task} needs {expected}.")
    if sequences.classes:
        return task, _unpadded(targets.astype(np.int64), padding), sequences.classes
    found, numbers = _found_classes(targets)
    if len(found) < 2:
        raise DataError(f"{source} has only one class, {found[0]!s}: at least two are needed.")
    if kind.class_of_sequence and len(found) > max(MANY_CLASSES, len(targets) // 2):
        raise DataError(
            f"{source} has {len(found)} classes in {len(targets)} sequences, too many for classification; if targets "
            f"are numbers to predict, choose task=regression."
        )
    codes = _unpadded(numbers.reshape(shape).astype(np.int64), padding)
    return task, codes, tuple(_class_name(label) for label in found)


def _unpadded(codes: NDArray[np.int64], padding: NDArray[np.bool_] | None) -> NDArray[np.int64]:
    """Return the codes with 0 at padded steps."""
    return codes if padding is None else np.where(padding, 0, codes)


def _found_classes(targets: NDArray[Any]) -> tuple[NDArray[Any], NDArray[np.int64]]:
    """Return the sorted labels (by value where all are whole numbers) and the index of each target's label."""
    found, numbers = np.unique(targets, return_inverse=True)
    if found.dtype.kind != "U" or not all(label.isascii() and label.isdigit() for label in found.tolist()):
        return found, numbers
    order = np.array(sorted(range(len(found)), key=lambda at: int(found[at])))
    return found[order], np.argsort(order)[numbers]


def _class_name(label: Any) -> str:
    return str(int(label)) if isinstance(label, np.floating) and float(label).is_integer() else str(label)


def _groups(sequences: Sequences) -> tuple[tuple[str, ...], NDArray[np.int64] | None]:
    """Return the names of the groups, in the order in which they appear, and the number of each sequence's."""
    if sequences.groups is None:
        return (), None
    names, first, members = np.unique(sequences.groups.astype(str), return_index=True, return_inverse=True)
    order = np.argsort(first)
    return tuple(names[order].tolist()), np.argsort(order)[members.ravel()]


def _splits(sequences: Sequences, options: Options, targets: NDArray[Any], *, stratified: bool) -> NDArray[np.int8]:
    groups = sequences.groups
    try:
        if sequences.splits is None:
            return draw_splits(targets, options, groups=groups, stratified=stratified)
        splits = given_splits(sequences.splits)
        if not (splits == VALIDATION).any():
            splits = draw_validation(splits, targets, options, groups=groups, stratified=stratified)
    except DataError as error:
        raise DataError(f"{sequences.source} cannot be split: {error}") from error
    counts = np.bincount(splits, minlength=len(SPLITS))
    for name, count in zip(SPLITS, counts, strict=True):
        if not count:
            raise DataError(f"{sequences.source} names splits, but no sequence is in the {name} split.")
    return splits


def _complete(
    sequences: Sequences, values: NDArray[Any], options: Options, training: NDArray[np.bool_]
) -> tuple[NDArray[Any], tuple[str, ...]]:
    """Return values with missing ones filled and with zeros after each sequence's end, and a warning if none was told.

    A few missing values are filled with the value before where no option says more; many are refused.
    """
    values = _zero_padded(values, sequences.lengths)
    if values.dtype == np.uint8 or not find_missing(values, sequences.lengths, sequences.where):
        return values, ()
    how = options.missing
    doubts: tuple[str, ...] = ()
    gaps = None if how is not None or is_mapped(values) else gaps_in(values, sequences.lengths)
    if gaps is not None and gaps.missing <= FEW_MISSING * gaps.values:
        how = "forward"
        doubt = (
            f"{sequences.where(*gaps.first)} is missing, one of {gaps.missing:,} missing values of {gaps.values:,}: "
            f"each is filled with the value before it; missing=refuse, mean or zero, if not"
        )
        doubts = (doubt,)
    if how in (None, "refuse"):
        refuse_missing(values, sequences.lengths, sequences.where)
    check_memory("filling missing values needs a copy", values.nbytes, values.dtype)
    values = values.copy()
    fill_missing(values, sequences.lengths, how or "forward", training, sequences.where)
    return values, doubts


def _zero_padded(values: NDArray[Any], lengths: NDArray[np.int64] | None) -> NDArray[Any]:
    """Return values with zeros after each sequence's end; a copy only if that changes them."""
    if lengths is None:
        return values
    num_steps = values.shape[1]
    padding = (block[~np.asarray(within(lengths, num_steps, first, len(block)))] for first, block in blocks(values))
    if not any(part.any() for part in padding):
        return values
    check_memory("setting the padding to zero needs a copy", values.nbytes, values.dtype)
    values = values.copy()
    values[np.arange(num_steps) >= lengths[:, None]] = 0
    return values


def _part(
    values: NDArray[Any],
    targets: NDArray[Any],
    lengths: NDArray[np.int64] | None,
    groups: NDArray[np.int64] | None,
    index: NDArray[np.int64],
) -> Split:
    """Return the sequences of one split: a view if they are contiguous, `Rows` of an array on disk, or a copy."""
    chosen: NDArray[Any] | Rows
    if index[-1] - index[0] + 1 == len(index):
        chosen = values[index[0] : index[-1] + 1]
    else:
        chosen = Rows(values, index) if is_mapped(values) else values[index]
    own_lengths, own_groups = (None if own is None else own[index] for own in (lengths, groups))
    return Split(chosen, targets[index], own_lengths, groups=own_groups)


def _standardized_by_default(values: NDArray[Any], sequences: Sequences) -> bool:
    if values.dtype == np.uint8 or sequences.scaled:
        return False
    return not (is_mapped(values) and values.nbytes > COPIED_UP_TO)
