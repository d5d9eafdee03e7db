"""Tables in GitHub-flavoured Markdown, and texts as tables of any kind can show them."""

from __future__ import annotations

from collections.abc import Sequence

from tabulate import tabulate


def markdown_table(rows: Sequence[Sequence[str]], names: Sequence[str]) -> str:
    r"""Return a table whose cells are shown as they are.

    Examples
    --------
    >>> print(markdown_table([["a | b", "1.50"]], ["what", "value"]))
    | what   | value   |
    |--------|---------|
    | a \| b | 1.50    |
    """
    texts = [[in_one_line(cell) for cell in row] for row in rows]
    return str(tabulate(texts, headers=list(names), tablefmt="github", disable_numparse=True))


def in_one_line(cell: str) -> str:
    """Return a text as Markdown for a table's cell or a paragraph, on one line."""
    return " ".join(cell.split()).replace("|", "\\|").replace("<", "\\<")


def printable(text: str) -> str:
    r"""Return a text without what XML and HTML have no characters for.

    Examples
    --------
    >>> printable("a\x00b")
    'a?b'
    """
    if text.isprintable():
        return text
    return "".join(c if c in "\t\n" or c.isprintable() else "?" for c in text)
