"""The variance of a difference and the walk, written for clarity: one pair, one length at a time."""


def variance_parts(values_s, values_t):
    """Return the variance from seeds and from sequences of a difference of means; values are (R, n)."""
    num_seeds, num_sequences = values_s.shape
    seeds = sum(values.mean(axis=1).var(ddof=1) / num_seeds for values in (values_s, values_t))
    paired = values_s.mean(axis=0) - values_t.mean(axis=0)
    residuals = 0.0
    for values in (values_s, values_t):
        left = values - values.mean(axis=0) - values.mean(axis=1, keepdims=True) + values.mean()
        square = (left**2).sum() / ((num_seeds - 1) * (num_sequences - 1))
        residuals += square / (num_seeds * num_sequences)
    return seeds, max(paired.var(ddof=1) / num_sequences - residuals, 0.0)


def walk(enough, poor):
    """Return the recommended place and where the walk stopped, -1 for nowhere."""
    recommended = -1
    for place in range(len(enough) - 1, -1, -1):
        if enough[place]:
            recommended = place
        elif recommended == -1 and poor[place]:
            continue
        else:
            return recommended, place
    return recommended, -1


def two_way_values(random, shape, seed_deviation, sequence_deviation, residual_deviation):
    """Return values (R, n) of one length: seeds' luck + sequences' hardness + what is left."""
    num_seeds, num_sequences = shape
    return (
        seed_deviation * random.normal(size=(num_seeds, 1))
        + sequence_deviation * random.normal(size=(1, num_sequences))
        + residual_deviation * random.normal(size=shape)
    )
