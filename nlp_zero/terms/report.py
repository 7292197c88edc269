"""A page on which an expert of the domain reviews mined terms: one HTML file that works without a network.

The table is DataTables (out of the package itables), the plot plotly.js (out of plotly), the page a template of Jinja2:
all are imported on use only, and their scripts go into the page with their licences. What comes from the user stands
in the page as JSON, escaped so that nothing in it can end the element it stands in, and reaches the screen as text
only; a Content-Security-Policy lets no script run but those of the page, which are named by their hashes.
"""

from __future__ import annotations

import base64
import hashlib
import importlib.util
import json
import math
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from importlib import resources
from numbers import Integral, Real
from typing import Any, Final

from ..files import replacing
from .vocabulary import Context, TermEntry, Terms

__all__ = ["check_report_libraries", "report_page", "write_report"]

_LIBRARIES: Final = ("jinja2", "itables", "plotly")
_SCRIPTS: Final = ("model.js", "table.js", "detail.js", "plot.js", "main.js")  # one after the other, as one module
_SIDE: Final = 200  # characters of a line that are shown on each side of a term
_DIGITS: Final = 6  # significant ones of a figure
_EXPORTS: Final = re.compile(r"\bexport\s*\{([^{}]*)\}\s*;?")
_UNSAFE: Final = re.compile("[<>&\u2028\u2029\ud800-\udfff]")
_UNWRITABLE: Final = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff]")


def check_report_libraries() -> None:
    """Do nothing if the libraries for `report_page` are installed, so that a command can fail before long work.

    Raises
    ------
    ImportError
        If one is missing: one line that says which, and how to install it.
    """
    for name in _LIBRARIES:
        if importlib.util.find_spec(name) is None:
            raise ImportError(_way_out(f"{name} is not installed"), name=name)


def write_report(
    path: str | os.PathLike[str],
    terms: Terms,
    contexts: Mapping[str, Sequence[Context]],
    *,
    domain_total: int,
    background_total: int,
    title: str = "",
    most: int = 20_000,
) -> None:
    """Write the page of `report_page` to a file, which is replaced only when all is written.

    Parameters
    ----------
    path
        The file.
    terms, contexts, domain_total, background_total, title, most
        See `report_page`.

    Raises
    ------
    ImportError
        If the libraries of the page are missing.
    OSError
        If the file cannot be written.
    """
    page = report_page(
        terms, contexts, domain_total=domain_total, background_total=background_total, title=title, most=most
    ).encode("utf-8")
    with replacing(path) as out:
        out.write(page)


def report_page(
    terms: Terms,
    contexts: Mapping[str, Sequence[Context]],
    *,
    domain_total: int,
    background_total: int,
    title: str = "",
    most: int = 20_000,
) -> str:
    """A page that shows terms in a table and a plot, with lines of text they stand in, to accept or to reject them.

    It is one file that asks for nothing from elsewhere. Decisions are kept by the browser, by the list of terms, and
    can be saved: accepted terms as TAB-separated text or as a dictionary of jieba, rejected ones as a list of words.
    Equal arguments give equal pages, with the same versions of the libraries.

    Parameters
    ----------
    terms
        The terms, the best first.
    contexts
        Places of the text where a term stands. Terms may be missing; of a long line its middle is shown.
    domain_total, background_total
        The numbers of symbols of both texts, for frequencies per million.
    title
        What the page is about; a name for any list of terms if it is empty.
    most
        So many of the best terms are shown; the page says how many are left out.

    Returns
    -------
    str
        The page. It can be written in UTF-8, whatever is in the terms.

    Raises
    ------
    ImportError
        If the libraries are missing: ``pip install 'nlp-zero[report]'``, or ``pip install itables jinja2 plotly``.
    ValueError
        If a total is negative, or `most` is less than 1.

    Examples
    --------
    >>> terms = Terms([TermEntry("变压器", 9.5, 120), TermEntry("断路器", 7.0, 80)])
    >>> contexts = {"变压器": [Context("检查", "变压器", "的油温。")]}
    >>> page = report_page(terms, contexts, domain_total=50_000, background_total=10**6)
    >>> page.startswith("<!DOCTYPE html>"), "变压器" in page
    (True, True)
    """
    for name, total in (("domain_total", domain_total), ("background_total", background_total)):
        if total < 0:
            raise ValueError(f"{name}: expected a number of symbols of at least 0, found {total}")
    if most < 1:
        raise ValueError(f"most: expected at least 1 term, found {most}")
    check_report_libraries()
    import jinja2

    entries = [entry for entry, _ in zip(terms.values(), range(most))]
    texts = json.loads(_part("texts.json"))
    own = "\n".join(map(_part, _SCRIPTS))
    table, plot = _table_script(), _plot_script()
    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return environment.from_string(_part("report.html.jinja")).render(
        title=_UNWRITABLE.sub("\ufffd", title),
        texts=texts["zh"],
        labels={name: of["zh"] for name, of in texts["fields"].items()},
        columns=["rank", "decision", "term", "length", *TermEntry._fields[1:]],
        policy=_policy(table, plot, own),
        table_style=_table_style(),
        own_style=_part("report.css"),
        table_script=table,
        plot_script=plot,
        own_script=own,
        texts_island=_island(texts),
        terms_island=_island(_figures(entries, len(terms), domain_total, background_total)),
        contexts_island=_island(_places(entries, contexts)),
    )


# --------------------------------------------------------------------------------------------------- parts of the page


def _part(name: str) -> str:
    """A file of the page."""
    return (resources.files(__package__) / "page" / name).read_text(encoding="utf-8")


def _way_out(what: str) -> str:
    ways = f"pip install 'nlp-zero[report]', or pip install {' '.join(sorted(_LIBRARIES))}"
    return f"the report needs {', '.join(_LIBRARIES)}, and {what}; install them: {ways}"


def _table_file(name: str) -> str:
    """A file of itables, read without importing it: it would look for settings, and import numpy."""
    spec = importlib.util.find_spec("itables")
    if spec is None or spec.origin is None:
        raise ImportError(_way_out("itables is not installed"), name="itables")
    path = os.path.join(os.path.dirname(spec.origin), "html", name)
    loader: Any = spec.loader
    try:
        return str(loader.get_data(path), "utf-8")
    except OSError:
        raise ImportError(_way_out(f"the installed itables has no {name}"), name="itables") from None


def _table_style() -> str:
    """The style sheet of DataTables."""
    return re.sub("<(?=/style)", r"\\3c ", _table_file("dt_bundle.css"), flags=re.IGNORECASE)


def _table_script() -> str:
    """DataTables, a module: what it exports becomes a property of the window, because no script can import another."""
    script = _table_file("dt_bundle.js")
    found = [*_EXPORTS.finditer(script)]
    names = (
        dict(part.split(" as ")[::-1] for part in map(str.strip, found[-1][1].split(",")) if " as " in part)
        if found
        else {}
    )
    if not {"default", "jQuery"} <= names.keys():
        raise ImportError(_way_out("the installed itables does not export DataTables"), name="itables")
    shared = f"globalThis.DataTable={names['default']};"
    return _embedded(script[: found[-1].start()] + shared + script[found[-1].end() :])


def _plot_script() -> str:
    """plotly.js, a classic script."""
    from plotly.offline import get_plotlyjs

    return _embedded(get_plotlyjs())


def _embedded(script: str) -> str:
    """A script as it can stand inside an element: nothing in it ends the element, or begins a comment of HTML."""
    return re.sub("<(?=!--|/script)", r"\\x3c", script.replace("\r\n", "\n"), flags=re.IGNORECASE)


def _policy(*scripts: str) -> str:
    """What the page may do: run these scripts, and load nothing.

    ``unsafe-eval`` is for plotly.js, which makes functions from text of its own to draw with WebGL, and style
    attributes are set by both libraries.
    """
    hashes = (base64.b64encode(hashlib.sha256(script.encode("utf-8")).digest()).decode("ascii") for script in scripts)
    run = " ".join(f"'sha256-{value}'" for value in hashes)
    return (
        f"default-src 'none'; script-src {run} 'unsafe-eval'; style-src 'unsafe-inline'; img-src data: blob:; "
        "connect-src 'none'; base-uri 'none'; form-action 'none'"
    )


# ------------------------------------------------------------------------------------------------------- data in it


def _island(data: object) -> str:
    """JSON that can stand in any element of HTML, and be written in UTF-8.

    Examples
    --------
    >>> _island(["</script>", "变压器", chr(0xD800)])
    '["\\\\u003c/script\\\\u003e","变压器","\\\\ud800"]'
    """
    text = json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return _UNSAFE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def _figures(entries: Sequence[TermEntry], total: int, domain_total: int, background_total: int) -> dict[str, Any]:
    """Terms and figures, column by column."""
    columns = [[_plain(value) for value in column] for column in zip(*entries)] or [[] for _ in TermEntry._fields]
    names = json.dumps([entry.term for entry in entries]).encode("ascii")
    return {
        "fields": TermEntry._fields,
        "columns": columns,
        "total": total,
        "domainTotal": int(domain_total),
        "backgroundTotal": int(background_total),
        "fingerprint": hashlib.sha256(names).hexdigest()[:24],
    }


def _plain(value: object) -> object:
    """A figure as JSON can hold it: rounded; one that is not finite, and anything unknown, as text.

    Examples
    --------
    >>> [_plain(value) for value in (3, 0.12345678, float("inf"), True, None)]
    [3, 0.123457, 'Infinity', 'True', 'None']
    """
    if isinstance(value, Integral) and not isinstance(value, bool):
        return int(value)
    if isinstance(value, Real) and not isinstance(value, bool):
        number = float(value)
        if math.isfinite(number):
            return float(f"{number:.{_DIGITS}g}")
        return "NaN" if math.isnan(number) else "Infinity" if number > 0 else "-Infinity"
    return str(value)


def _places(
    entries: Iterable[TermEntry], contexts: Mapping[str, Sequence[Context]]
) -> list[list[tuple[str, str, str]]]:
    """Lines for each term, in the order of terms; of what is long, the part beside the term."""
    return [
        [(_end_of(place.before), place.term, _start_of(place.after)) for place in contexts.get(entry.term, ())]
        for entry in entries
    ]


def _end_of(text: str) -> str:
    return text if len(text) <= _SIDE else "…" + text[-_SIDE:]


def _start_of(text: str) -> str:
    return text if len(text) <= _SIDE else text[:_SIDE] + "…"
