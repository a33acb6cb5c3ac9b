"""What a command says of the files that it wrote."""

from pathlib import Path

from lengthwise._internal.output import Output


def print_written(folder: Path, files: list[Path]) -> None:
    """Print which results were written to a folder, in a line or two; see `lengthwise.write_results`."""
    drawn = [path for path in files if path.is_relative_to(folder / "figures")]
    console = Output(soft_wrap=True)
    console.print(f"written to {folder}: {', '.join(path.name for path in files if path not in drawn)}")
    if folder / "results.parquet" not in files:
        console.print("results.parquet is left out: it needs pyarrow (pip install 'lengthwise[parquet]')")
    if drawn:
        kinds = ", ".join(dict.fromkeys(path.suffix[1:].upper() for path in drawn))
        count = len({path.with_suffix("") for path in drawn})
        console.print(f"written to {folder / 'figures'}: {count} figure{'s' if count > 1 else ''} ({kinds})")
