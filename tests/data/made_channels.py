"""Folders with a matrix for each channel, and files of labels and persons."""

import numpy as np

STEPS = 12


def matrix(path, rows, *, seed=0, steps=STEPS, sep=" ", header=""):
    """Write a matrix of numbers with two decimals, and return it."""
    values = np.random.default_rng(seed).normal(size=(rows, steps)).round(2)
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savetxt(path, values, fmt="%.2f", delimiter=sep, header=header, comments="")
    return values.astype(np.float32)


def lines(path, items):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{item}\n" for item in items))


def har(folder, *, rows=(("train", 24), ("test", 6)), channels=("body_acc_x", "body_acc_y", "body_gyro_x")):
    """Write a folder as UCI HAR is, with three classes and a person for every four rows; return the values by split."""
    values = {}
    for part, count in rows:
        own = folder / part
        values[part] = np.stack(
            [
                matrix(own / "Inertial Signals" / f"{name}_{part}.txt", count, seed=seed)
                for seed, name in enumerate(channels)
            ],
            axis=2,
        )
        matrix(own / f"X_{part}.txt", count, steps=30)
        lines(own / f"y_{part}.txt", [row % 3 + 1 for row in range(count)])
        lines(own / f"subject_{part}.txt", [(row // 4 + 1) + (100 if part == "test" else 0) for row in range(count)])
    lines(folder / "activity_labels.txt", ["1 WALKING", "2 WALKING UPSTAIRS", "3 LAYING"])
    lines(folder / "features.txt", [f"{at} tBodyAcc-mean()-{at}" for at in range(1, 31)])
    (folder / "README.txt").write_text("Human Activity Recognition\n\nEach record has 3 channels, and a label.\n")
    return values


def flat(folder, rows=30, *, names=("x_acc", "y_acc"), ending=".txt", sep=" "):
    """Write matrices side by side with labels of two classes, and return the values."""
    values = [matrix(folder / f"{name}{ending}", rows, seed=seed, sep=sep) for seed, name in enumerate(names)]
    lines(folder / f"labels{ending}", [row % 2 for row in range(rows)])
    return np.stack(values, axis=2)
