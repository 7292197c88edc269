"""The page for reviewing terms, as text: what it holds, that nothing in it can run or load, and what it refuses."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from importlib import resources
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from nlp_zero.terms import report
from nlp_zero.terms.report import check_report_libraries, report_page, write_report
from nlp_zero.terms.vocabulary import Context, TermEntry, Terms

ROOT = Path(__file__).parent.parent
PAGE = resources.files("nlp_zero.terms") / "page"
TERMS = Terms([TermEntry("变压器", 9.5, 120, 3), TermEntry("断路器", 7.0, 80), TermEntry("K线图", 3.25, 12)])
CONTEXTS = {"变压器": [Context("检查", "变压器", "的油温。")], "K线图": [Context("看", "Ｋ线图", "")]}
HOSTILE = [
    "<img src=x onerror=alert(1)>",
    "</script><script>alert(1)</script>",
    "<!--<script>",
    "]]>",
    "{{7*7}}{% raw %}",
    "\"quoted\" 'x'",
    "=1+1",
    "&lt;b&gt;&amp;",
    "\ud800",
    "a\u2028b\u2029c",
    "\u202eabc\u2066",
    "\x00\t\r\n\x85",
    "</style>",
    "https://example.org/x.js",
]


def anything(*entries: TermEntry) -> Terms:
    """Terms that `Terms` refuses too: the page must not depend on what others check."""
    return cast(Terms, {entry.term: entry for entry in entries})


class Page(HTMLParser):
    """What a parser of HTML sees: text by element and identifier, and all attributes."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.inside: dict[str, str] = {}
        self.scripts: list[tuple[str | None, str]] = []
        self.open: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag == "script":
            self.scripts.append((dict(attrs).get("type"), ""))
        self.open = [tag, dict(attrs).get("id") or ""]

    def handle_endtag(self, tag: str) -> None:
        self.open = []

    def handle_data(self, data: str) -> None:
        if self.open:
            key = self.open[1] or self.open[0]
            self.inside[key] = self.inside.get(key, "") + data
            if self.open[0] == "script":
                kind, text = self.scripts[-1]
                self.scripts[-1] = kind, text + data

    def island(self, name: str) -> Any:
        return json.loads(self.inside[f"{name}-data"])


def made(terms: Terms = TERMS, contexts: Any = CONTEXTS, **options: Any) -> str:
    return report_page(terms, contexts, **{"domain_total": 50_000, "background_total": 1_000_000} | options)


@pytest.fixture
def light(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the libraries' scripts, which are megabytes: for properties of the rest."""
    monkeypatch.setattr(report, "_table_script", lambda: "1")
    monkeypatch.setattr(report, "_plot_script", lambda: "2")
    monkeypatch.setattr(report, "_table_style", lambda: "")


def as_script(text: str) -> str:
    """Text as UTF-16 has it: two halves of a pair side by side are one character."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")


# ------------------------------------------------------------------------------------------------ data in the page


def check_round_trip(texts: list[str], title: str) -> None:
    terms = anything(*(TermEntry(text, 1.0 / (at + 1), at) for at, text in enumerate(dict.fromkeys(texts))))
    contexts = {term: [Context(term, term, title)] for term in terms}
    page = made(terms, contexts, title=title)
    seen = Page(page.encode("utf-8").decode("utf-8"))
    figures = seen.island("terms")
    assert figures["columns"][0] == [as_script(term) for term in terms]
    assert figures["columns"][2] == [entry.count for entry in terms.values()]
    assert [place[0][:2] for place in seen.island("contexts")] == [[as_script(term)] * 2 for term in terms]
    plain = Page(made(Terms([TermEntry("x", 1, 1)]), {}, title="y" if title else ""))
    assert [tag for tag, _ in seen.elements] == [tag for tag, _ in plain.elements]


characters = st.text(max_size=12, alphabet=st.characters(exclude_categories=())) | st.sampled_from(HOSTILE)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], max_examples=60)
@given(st.lists(characters.filter(bool), min_size=1, max_size=4), characters)
@example(HOSTILE, "</title><script>alert(1)</script>\ud800")
def test_any_text_comes_back_and_adds_no_element(light: None, texts: list[str], title: str) -> None:
    check_round_trip(texts, title)


@given(st.recursive(characters, lambda inner: st.lists(inner, max_size=3), max_leaves=5))
def test_an_island_holds_no_character_of_html(data: object) -> None:
    text = report._island(data)
    assert not re.search("[<>&\u2028\u2029\ud800-\udfff]", text)
    assert json.dumps(json.loads(text)) == json.dumps(json.loads(json.dumps(data)))


def test_hostile_text_stands_nowhere_as_it_is(light: None) -> None:
    plain = made(Terms([TermEntry("x", 1, 1)]), {}, title="y")
    for text in HOSTILE:
        page = made(anything(TermEntry(text, 1, 1)), {text: [Context(text, text, text)]}, title=text)
        if set(text) & set("<>&\u2028\ud800\x00"):
            assert page.count(text) == plain.count(text), text


def test_the_title_is_text(light: None) -> None:
    title = '<b>油温</b> & "more" {{ 7*7 }}'
    page = made(title=title)
    assert Page(page).inside["title"] == title
    assert html.escape(title, quote=False) in page.replace("&#34;", '"')
    assert "\ufffd" in made(title="\ud800\n")
    assert Page(made(title="")).inside["title"] == "术语审核"


@pytest.mark.parametrize(
    ("value", "written"),
    [(float("inf"), "Infinity"), (float("-inf"), "-Infinity"), (float("nan"), "NaN"), (1 / 3, 0.333333), (7, 7)],
)
def test_figures_are_rounded_or_named(light: None, value: float, written: object) -> None:
    figures = Page(made(anything(TermEntry("变压器", value, 1)))).island("terms")
    assert figures["columns"][1] == [written]


def test_columns_are_those_of_the_entries(light: None) -> None:
    page = made()
    figures = Page(page).island("terms")
    assert figures["fields"] == list(TermEntry._fields)
    assert len(figures["columns"]) == len(TermEntry._fields)
    heads = [attributes["data-name"] for tag, attributes in Page(page).elements if tag == "th"]
    assert heads == ["rank", "decision", "term", "length", *TermEntry._fields[1:]]


def test_long_lines_are_cut_beside_the_term(light: None) -> None:
    contexts = {"变压器": [Context("前" * 5000 + "甲", "变压器", "乙" + "后" * 5000)]}
    [[before, term, after]] = Page(made(contexts=contexts)).island("contexts")[0]
    assert before.startswith("…前") and before.endswith("甲") and len(before) < 500
    assert (term, after[0], after[-1], len(after) < 500) == ("变压器", "乙", "…", True)


def test_most_keeps_the_best_and_counts_the_rest(light: None) -> None:
    figures = Page(made(most=2)).island("terms")
    assert (figures["columns"][0], figures["total"]) == (["变压器", "断路器"], 3)
    assert len(Page(made(most=2)).island("contexts")) == 2


def test_no_terms_make_a_page(light: None) -> None:
    figures = Page(made(Terms(), {})).island("terms")
    assert figures["columns"] == [[] for _ in TermEntry._fields]


def test_the_fingerprint_is_of_the_terms(light: None) -> None:
    def fingerprint(*terms: str) -> str:
        entries = [TermEntry(term, 1.0 / (at + 1), 1) for at, term in enumerate(terms)]
        return str(Page(made(anything(*entries), {})).island("terms")["fingerprint"])

    assert fingerprint("甲", "乙") == fingerprint("甲", "乙")
    assert len({fingerprint(*terms) for terms in (["甲", "乙"], ["乙", "甲"], ["甲乙"], ["甲"], ["\ud800"], [])}) == 6


@pytest.mark.parametrize("options", [{"domain_total": -1}, {"background_total": -1}, {"most": 0}])
def test_refuses_what_cannot_be(options: dict[str, int]) -> None:
    with pytest.raises(ValueError, match=rf"^{next(iter(options))}: expected .*at least"):
        made(**options)


# ------------------------------------------------------------------------------------------------ the whole page


@pytest.fixture(scope="module")
def whole() -> str:
    return made(title="油温")


def test_nothing_is_loaded_from_elsewhere(whole: str) -> None:
    for tag, attributes in Page(whole).elements:
        for name in ("src", "href", "action", "data", "poster", "srcset", "style", "background", "ping"):
            value = attributes.get(name)
            assert value in (None, "data:,"), (tag, name, value)
        assert not [name for name in attributes if name.startswith("on")], tag
        assert tag not in ("base", "iframe", "object", "embed", "img", "form") or not attributes.get("src")
    styles = "".join(re.findall(r"<style>(.*?)</style>", whole, re.DOTALL))
    assert "@import" not in styles
    assert all(address.startswith(("data:", '"data:', "'data:")) for address in re.findall(r"url\(([^)]*)", styles))


def test_the_policy_names_every_script_that_runs(whole: str) -> None:
    [policy] = [a["content"] for _, a in Page(whole).elements if a.get("http-equiv") == "Content-Security-Policy"]
    assert policy is not None
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert rules["default-src"] == "'none'" and rules["connect-src"] == "'none'"
    assert "'unsafe-inline'" not in rules["script-src"] and "http" not in policy and "*" not in policy
    named = set(re.findall(r"'sha256-([^']*)'", rules["script-src"]))
    scripts = [text for kind, text in Page(whole).scripts if kind != "application/json"]
    assert len(scripts) == 3
    assert {base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in scripts} == named


def test_licences_stay_in_the_page(whole: str) -> None:
    for banner in ("plotly.js v", "Licensed under the MIT license", "DataTables", "SpryMedia", "jQuery"):
        assert banner in whole


def test_equal_arguments_give_equal_pages_without_a_place_or_date(whole: str, tmp_path: Path) -> None:
    assert made(title="油温") == whole
    write_report(tmp_path / "1.html", TERMS, CONTEXTS, domain_total=50_000, background_total=1_000_000, title="油温")
    assert (tmp_path / "1.html").read_bytes() == whole.encode("utf-8")
    for place in (str(ROOT), sys.prefix, str(Path.home()) + os.sep, str(tmp_path)):
        assert place == "//" or place not in whole
    own = "".join(part.read_text(encoding="utf-8") for part in PAGE.iterdir())
    assert not re.search(r"\b20\d\d-\d\d|/home/|/tmp/|/usr/", own)


def test_a_script_cannot_end_its_element() -> None:
    script = "a='</script>';b=/<!--/;c='</SCRIPT '"
    embedded = report._embedded(script)
    assert "</" not in embedded and "<!--" not in embedded
    assert embedded.replace(r"\x3c", "<") == script


def test_own_parts_are_short_and_bilingual() -> None:
    for part in PAGE.iterdir():
        lines = part.read_text(encoding="utf-8").splitlines()
        assert len(lines) <= 450, part.name
    texts = json.loads((PAGE / "texts.json").read_text(encoding="utf-8"))
    assert texts["zh"].keys() == texts["en"].keys()
    for key in texts["zh"]:
        fields = [sorted(set(re.findall(r"\{\w+\}", texts[language][key]))) for language in ("zh", "en")]
        assert fields[0] == fields[1], key
    for name, labels in texts["fields"].items():
        assert all(len(labels[language]) == 2 and all(labels[language]) for language in ("zh", "en")), name
    used = "".join(part.read_text(encoding="utf-8") for part in PAGE.iterdir() if part.name != "texts.json")
    assert [key for key in texts["zh"] if not re.search(rf"\b{key}\b", used)] == []


def test_the_label_of_centrality_says_what_it_is_compared_to() -> None:
    labels = json.loads((PAGE / "texts.json").read_text(encoding="utf-8"))["fields"]["centrality"]
    for language, words in (
        ("zh", ("一千个", "两轮", "种子", "十分之一")),
        ("en", ("thousand", "two rounds", "seed", "tenth")),
    ):
        assert all(word in labels[language][1] for word in words)


# ------------------------------------------------------------------------------------------------ files, libraries


def test_an_error_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "报告.html"
    target.write_text("before", encoding="utf-8")
    with pytest.raises(ValueError, match="^most:"):
        write_report(target, TERMS, CONTEXTS, domain_total=1, background_total=1, most=0)
    with pytest.raises(FileNotFoundError):
        write_report(tmp_path / "none" / "a.html", TERMS, CONTEXTS, domain_total=1, background_total=1)
    monkeypatch.setattr(report, "report_page", lambda *_, **__: "\ud800")
    with pytest.raises(UnicodeEncodeError):
        write_report(target, TERMS, CONTEXTS, domain_total=1, background_total=1)
    assert [path.name for path in tmp_path.iterdir()] == ["报告.html"]
    assert target.read_text(encoding="utf-8") == "before"


@pytest.mark.parametrize("name", ["jinja2", "itables", "plotly"])
def test_a_missing_library_is_said_in_one_line(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    find = report.importlib.util.find_spec
    monkeypatch.setattr(report.importlib.util, "find_spec", lambda wanted: None if wanted == name else find(wanted))
    for call in (check_report_libraries, made):
        with pytest.raises(
            ImportError, match=rf"{name} is not installed.*pip install 'nlp-zero\[report\]', or "
        ) as error:
            call()
        assert "\n" not in str(error.value) and error.value.name == name
        assert str(error.value).endswith(", or pip install itables jinja2 plotly")


def test_an_unknown_bundle_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report, "_table_file", lambda name: "export{a as jQuery}")
    with pytest.raises(ImportError, match="does not export DataTables"):
        made()


def test_libraries_are_imported_on_use_only() -> None:
    code = (
        "import sys, nlp_zero, nlp_zero.terms.report as r; r.check_report_libraries();"
        "print([m for m in ('jinja2', 'itables', 'plotly', 'pandas', 'markupsafe') if m in sys.modules])"
    )
    run = [sys.executable, "-c", code]
    done = subprocess.run(run, cwd=ROOT, capture_output=True, encoding="utf-8", timeout=60)
    assert (done.stdout, done.stderr) == ("[]\n", "")


def test_neither_itables_nor_pandas_is_imported() -> None:
    code = (
        "import sys; from nlp_zero.terms.report import report_page; from nlp_zero.terms.vocabulary import Terms;"
        "report_page(Terms(), {}, domain_total=0, background_total=0);"
        "print([m for m in ('itables', 'pandas') if m in sys.modules])"
    )
    run = [sys.executable, "-c", code]
    done = subprocess.run(run, cwd=ROOT, capture_output=True, encoding="utf-8", timeout=60)
    assert (done.stdout, done.stderr) == ("[]\n", "")
