"""Doctests in Markdown: the fence that closes a block ends the output that is expected before it."""

import doctest
import re


class FencedParser(doctest.DocTestParser):
    """Reads examples as doctest does, with a closing fence in place of the empty line that it wants."""

    def parse(self, string: str, name: str = "<string>") -> list[str | doctest.Example]:
        """Return examples and the text between them; line numbers stay."""
        return super().parse(re.sub(r"^```$", "", string, flags=re.MULTILINE), name)


doctest.DocTestParser = FencedParser  # type: ignore[misc]  # pytest looks it up there
