"""Names of months in several languages, and dates that are written with them."""

from typing import Any

import pandas as pd

NAMES = {
    "English": "january february march april may june july august september october november december",
    "German": "januar februar märz april mai juni juli august september oktober november dezember",
    "French": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "Spanish": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    "Italian": "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
    "Portuguese": "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
    "Dutch": "januari februari maart april mei juni juli augustus september oktober november december",
    "Swedish": "januari februari mars april maj juni juli augusti september oktober november december",
    "Danish": "januar februar marts april maj juni juli august september oktober november december",
    "Polish": "stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października listopada grudnia",
}

FEWEST_LETTERS = 3

CENTURY = 70
"""Years of two digits from this one on are of the 20th century."""

_WORD = r"(?P<word>[^\W\d_]{3,})\.?"
_BETWEEN = r"[.,\s/-]*(?:del?\s+)?"
_CLOCK = r"(?P<clock>[ T,]+\d{1,2}:\d{2}.*)?$"
FORMS = (
    rf"^(?:(?P<day>\d{{1,2}}){_BETWEEN})?{_WORD}{_BETWEEN}(?P<year>\d{{4}}|\d{{2}}){_CLOCK}",
    rf"^(?P<year>\d{{4}}){_BETWEEN}{_WORD}(?:{_BETWEEN}(?P<day>\d{{1,2}}))?{_CLOCK}",
    rf"^{_WORD}\s+(?P<day>\d{{1,2}}),?\s+(?P<year>\d{{4}}){_CLOCK}",
    rf"^(?P<year>\d{{4}})[年년]\s*(?P<word>\d{{1,2}})[月월]\s*(?:(?P<day>\d{{1,2}})[日일])?{_CLOCK}",
)


def _numbers() -> dict[str, int]:
    """Return the month of each name, and of each beginning of one that is of no other month."""
    found: dict[str, set[int]] = {str(number): {number} for number in range(1, 13)}
    found |= {f"0{number}": {number} for number in range(1, 10)}
    for names in NAMES.values():
        for number, name in enumerate(names.split(), 1):
            for letters in range(FEWEST_LETTERS, len(name) + 1):
                found.setdefault(name[:letters], set()).add(number)
    found |= {"mrt": {3}, "sept": {9}}
    return {name: next(iter(numbers)) for name, numbers in found.items() if len(numbers) == 1}


MONTHS = _numbers()


def dates_with_months(text: "pd.Series[Any]") -> "pd.Series[Any] | None":
    """Return dates that are written with the name of a month; None if not all cells are.

    >>> dates_with_months(pd.Series(["1. März 2020", "15. Mai 2021"])).dt.strftime("%Y-%m-%d").tolist()
    ['2020-03-01', '2021-05-15']
    >>> [str(dates_with_months(pd.Series([text]))[0].date()) for text in ("3 de enero de 2020", "2020年5月1日")]
    ['2020-01-03', '2020-05-01']
    """
    for form in FORMS:
        parts = text.str.strip().str.lower().str.extract(form)
        months = parts["word"].map(MONTHS)
        if not months.notna().all():
            continue
        year = parts["year"].astype(int)
        year = year.where(parts["year"].str.len() > 2, year + 2000 - 100 * (year >= CENTURY))
        day = parts["day"].fillna("1")
        written = (
            year.astype(str).str.zfill(4) + "-" + months.astype(int).astype(str).str.zfill(2) + "-" + day.str.zfill(2)
        )
        clock = parts["clock"].fillna("").str.strip(" t,")
        dates = pd.to_datetime((written + " " + clock).str.strip(), format="ISO8601", errors="coerce", utc=True)
        return dates if dates.notna().all() else None
    return None
