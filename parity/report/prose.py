"""Docstrings and explanations as HTML: paragraphs, lists and what is set apart."""

from __future__ import annotations

import re
from html import escape
from inspect import cleandoc


def prose(text: str) -> str:
    r"""Return a plain text with ``code``, and *emphasis* of single words, as HTML.

    Examples
    --------
    >>> print(prose('A sum:\n\n    a < b\n\n- of ``n``\n  terms\n- or *one*'))
    <p>A sum:</p>
    <pre>a &lt; b</pre>
    <ul><li>of <code>n</code> terms</li><li>or <em>one</em></li></ul>
    """
    blocks = re.split(r"\n\s*\n", cleandoc(text))
    return "\n".join(_block(block) for block in blocks if block.strip())


def _block(block: str) -> str:
    lines = block.splitlines()
    if all(line.startswith("    ") for line in lines):
        return f"<pre>{escape(cleandoc(block), quote=False)}</pre>"
    items = re.split(r"\n(?=- )", block)
    if items[0].startswith("- "):
        return f"<ul>{''.join(f'<li>{_words(item[2:])}</li>' for item in items)}</ul>"
    if len(items) > 1:  # a list that follows its paragraph at once
        return f"<p>{_words(items[0])}</p>\n{_block(chr(10).join(items[1:]))}"
    return f"<p>{_words(block)}</p>"


def _words(text: str) -> str:
    line = escape(" ".join(text.split()), quote=False)
    line = re.sub(r":[a-z]+:`([^`]+)`", r"<code>\1</code>", line)
    line = re.sub(r"``([^`]+)``", r"<code>\1</code>", line)
    return re.sub(r"(?<![\w*)\]])\*([a-zA-Z][\w ]*)\*(?![\w*(])", r"<em>\1</em>", line)
