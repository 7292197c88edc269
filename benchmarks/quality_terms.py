"""The table about terms: mined terms of several domains against lists of their terms."""

from __future__ import annotations

import random
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from quality_figures import Cell, Figures, Table
from quality_texts import LAWS, Setting, lines_of

RANKS = (100, 500, 1000, 2000)
LEAST = 5  # occurrences of a term of the list in the text
SEEDS = 10
DRAWS = 5
MOST_FREQUENT = 300  # of the terms of a list that are mined; seeds are drawn of these, as a person names common ones
_NEWS = ("raw/xwlb_2023.txt", "raw/xwlb_2024.txt")


@dataclass(frozen=True, slots=True)
class Domain:
    """Text of a domain, text that is not, and a list of its terms."""

    name: str
    texts: tuple[str, ...]
    background: tuple[str, ...]
    terms: str


MINED = (
    Domain(
        "medicine",
        ("cross_domain/dm_full.txt", "raw/neike5000-6000_qa.tsv", "raw/neike_dialogue.txt"),
        _NEWS,
        "lexicons/THUOCL/THUOCL_medical.txt",
    ),
    Domain(
        "computing",
        ("raw/tidb_docs_cn.txt", "raw/oi_wiki.txt", "raw/debian_reference_zh_cn.txt"),
        _NEWS,
        "lexicons/THUOCL/THUOCL_IT.txt",
    ),
    Domain("finance", ("raw/fincuge_news.txt",), (LAWS, *_NEWS), "lexicons/THUOCL/THUOCL_caijing.txt"),
    Domain("law", (LAWS,), _NEWS, "lexicons/THUOCL/THUOCL_law.txt"),
    Domain("power", ("raw/power_laws.txt", "raw/relay_protection_docs.txt"), _NEWS, "lexicons/电力电气.txt"),
)


def occurring(terms: Collection[str], texts: Sequence[Path]) -> set[str]:
    """The terms of two characters or more that occur often enough, not overlapping themselves."""
    text = "\n".join(path.read_text(encoding="utf-8-sig") for path in texts)
    pairs = set(map("".join, zip(text, text[1:])))
    likely = (term for term in terms if all(term[i : i + 2] in pairs for i in range(len(term) - 1)))
    return {term for term in likely if len(term) > 1 and text.count(term) >= LEAST}


def term_figures(ranked: Sequence[str], gold: Collection[str]) -> list[float]:
    """Precision at each rank, average precision and recall at the last one; a short list is filled up with errors."""
    most = RANKS[-1]
    hits = [term in gold for term in ranked[:most]]
    right, total, at = 0, 0.0, []
    for i in range(1, most + 1):
        if i <= len(hits) and hits[i - 1]:
            right += 1
            total += right / i
        if i in RANKS:
            at.append(right / i)
    return [*at, total / max(min(most, len(gold)), 1), right / max(len(gold), 1)]


def terms_table(setting: Setting) -> Figures:
    """Mined terms without seeds, and with several draws of ten, which are then neither in the list nor counted."""
    rows: list[list[Cell]] = []
    for domain in MINED:
        texts = [setting.data / name for name in domain.texts]
        counts, mined = (setting.work / f"{domain.name}.{name}" for name in ("counts", "terms.tsv"))
        background = [setting.data / name for name in domain.background]
        setting.run("mine", "--quiet", *texts, "--background", *background, "-o", mined, "--save-counts", counts)
        gold = occurring({line.split("\t")[0].strip() for line in lines_of(setting.data / domain.terms)}, texts)
        ranked = _terms(mined)
        rows.append([domain.name, "none", len(gold), *term_figures(list(ranked), gold)])
        common = sorted(gold & ranked.keys(), key=lambda term: (-ranked[term], term))[:MOST_FREQUENT]
        draws = [random.Random(number).sample(common, SEEDS) for number in range(DRAWS)]
        both: list[list[list[float]]] = []
        for number, seeds in enumerate(draws):
            file = setting.work / f"{domain.name}.seeds{number}.txt"
            file.write_text("".join(f"{seed}\n" for seed in seeds), encoding="utf-8")
            setting.run("mine", "--quiet", *texts, "--load-counts", counts, "--seeds", file, "-o", mined)
            lists = (ranked, _terms(mined))
            both.append([term_figures([x for x in one if x not in seeds], gold - {*seeds}) for one in lists])
        for name, place in (("none; seeds not counted", 0), ("10; seeds not counted", 1)):
            means = [sum(draw[place][i] for draw in both) / DRAWS for i in range(len(both[0][place]))]
            rows.append([domain.name, name, len(gold) - SEEDS, *means])
    header = ("domain", "seeds", "terms of the list", *(f"P@{rank}" for rank in RANKS), "AP@2000", "R@2000")
    return Figures(header, rows)


def _terms(path: Path) -> dict[str, int]:
    """The terms of a file, the best first, with their counts."""
    cells = (line.split("\t") for line in lines_of(path)[1:])
    return {row[0]: int(row[2]) for row in cells}


_ALL = [name for domain in MINED for name in (*domain.texts, *domain.background, domain.terms)]
TERM_TABLES = (Table("terms", "Terms of a domain against lists of its terms", tuple(dict.fromkeys(_ALL)), terms_table),)
