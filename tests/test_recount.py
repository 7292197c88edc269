"""The figures of a lexicon's rows, each against its definition on raw text."""

from __future__ import annotations

import itertools
import math
import random
from collections import Counter, defaultdict
from functools import cache
from typing import Any

import pytest

from nlp_zero import Entry, Lexicon, WordFinder
from nlp_zero.core.symbols import FIRST_SYMBOL, NUMBER
from nlp_zero.statistics.counts import NgramCounts
from nlp_zero.text.characters import symbols_of, units, word_of
from nlp_zero.words import pmi
from nlp_zero.words.entropy import Settings
from nlp_zero.words.lattice import Lattice
from nlp_zero.words.recount import Recount

String = tuple[int, ...]


def zipf_text(seed: int, lines: int, extra: dict[str, int]) -> list[str]:
    """Lines of words of a random vocabulary, many of them long, and some other words so many times."""
    random_ = random.Random(seed)
    lengths = random_.choices([1, 2, 3, 4, 5, 6, 7], [15, 35, 15, 10, 9, 8, 8], k=700)
    words = ["".join(chr(0x4E00 + random_.randrange(2000)) for _ in range(length)) for length in lengths]
    weights = [1 / rank for rank in range(3, len(words) + 3)]
    others = [word for word, count in extra.items() for _ in range(count)]
    random_.shuffle(others)
    out = []
    for _ in range(lines):
        line = random_.choices(words, weights, k=random_.randrange(3, 10))
        if others:
            line.insert(random_.randrange(len(line)), others.pop())
        out.append("".join(line) + "，")
    assert not others
    return out


EXTRA = ["5G", "K线图", "V线图", "3年", "12年", "1998年", "DDR5", "AK47", "3%5%7%", "a1b2c3", "T3航站楼", "Java7.0版"]
CORPORA = {
    "plain": zipf_text(1, 1500, {}),
    "units": zipf_text(2, 1500, {word: 4 * rank for rank, word in enumerate(EXTRA, 1)}),
}


class Naive:
    """A corpus looked at by definition, with the lattice that a finder used."""

    def __init__(self, corpus: list[str], lattice: Lattice) -> None:
        self.runs: list[String] = []
        self.words: Counter[String] = Counter()
        symbols = units("\n".join(corpus)).symbols
        begins = [*lattice.begins(symbols).tolist(), 1]
        places = [i for i, begin in enumerate(begins) if begin]
        pieces = (tuple(symbols[i:j].tolist()) for i, j in itertools.pairwise(places))
        self.words.update(piece for piece in pieces if piece[0] >= FIRST_SYMBOL)
        run: list[int] = []
        for symbol in [*symbols.tolist(), 0]:
            if symbol >= FIRST_SYMBOL:
                run.append(symbol)
            elif run:
                self.runs.append(tuple(run))
                run = []
        self.total = sum(map(len, self.runs))
        self._places: dict[int, dict[String, list[tuple[int | None, int | None]]]] = {}

    def places(self, string: String) -> list[tuple[int | None, int | None]]:
        """What stands before and after each occurrence; None at the end of a run."""
        n = len(string)
        if n not in self._places:
            found: dict[String, list[tuple[int | None, int | None]]] = defaultdict(list)
            for run in self.runs:
                padded = (None, *run, None)
                for k in range(len(run) - n + 1):
                    found[run[k : k + n]].append((padded[k], padded[k + n + 1]))
            self._places[n] = found
        return self._places[n][string]

    def log(self, string: String) -> float:
        return math.log(len(self.places(string)) / self.total)

    def pmi(self, string: String) -> float:
        """The weakest link."""
        cuts = range(1, len(string))
        return min((self.log(string) - self.log(string[:k]) - self.log(string[k:]) for k in cuts), default=0.0)

    def entropies(self, string: String) -> tuple[float, float]:
        """Each end of a run is a neighbour of its own."""
        places = self.places(string)
        return entropy([place[0] for place in places]), entropy([place[1] for place in places])


def entropy(neighbours: list[int | None]) -> float:
    tally = Counter(symbol for symbol in neighbours if symbol is not None)
    counts = [*tally.values(), *[1] * neighbours.count(None)]
    return -sum(c / len(neighbours) * math.log(c / len(neighbours)) for c in counts)


def best_split(string: String, scores: dict[String, float], unknown: float) -> float:
    """The highest sum of scores of shorter words that make the string."""
    n = len(string)

    def single(i: int) -> float:
        return scores.get(string[i : i + 1], unknown)

    @cache
    def best(i: int) -> float:
        if i == n:
            return 0.0
        ways = []
        for j in range(i + 1, n + 1):
            part = string[i:j]
            if len(part) == n:
                continue
            options = [scores[part]] if part in scores else [unknown] if len(part) == 1 else []
            chain = all(symbol >= NUMBER for symbol in part) and len(part) > 1
            if chain and (i == 0 or string[i - 1] < NUMBER) and (j == n or string[j] < NUMBER):
                options.append(min(map(single, range(i, j))))
            ways += [option + best(j) for option in options]
        return max(ways)

    return best(0)


def counted(name: str, min_count: int) -> tuple[Lexicon, Naive]:
    """The rows before any is hidden, and the corpus by definition."""
    corpus = CORPORA[name]
    counts = NgramCounts.from_corpus(corpus, order=pmi.ORDER)
    lattices: list[Lattice] = []
    with pytest.MonkeyPatch.context() as patch:
        original = Recount.of

        def spying(lattice: Lattice, *arguments: Any) -> Recount:
            lattices.append(lattice)
            return original(lattice, *arguments)

        patch.setattr(Recount, "of", spying)
        lexicon = WordFinder(min_count=min_count).fit(corpus).lexicon_
    assert counts.total == sum(len(run) for run in Naive(corpus, lattices[0]).runs)
    return lexicon, Naive(corpus, lattices[0])


@pytest.fixture(scope="module", params=CORPORA, ids=str)
def both(request: pytest.FixtureRequest) -> tuple[Lexicon, Naive]:
    return counted(request.param, 2)


def split_rows(lexicon: Lexicon) -> tuple[dict[str, Entry], dict[str, int]]:
    """The rows that are no written-out forms, and for each such name the count of its forms."""
    rows: dict[str, Entry] = {}
    forms: dict[str, int] = Counter()
    for entry in lexicon.entries():
        name = word_of(symbols_of(entry.word).tolist())
        if name == entry.word:
            rows[name] = entry
        else:
            forms[name] += entry.count
    return rows, forms


def test_every_frequent_word_has_a_row(both: tuple[Lexicon, Naive]) -> None:
    lexicon, naive = both
    assert any(len(entry.word) > 1 for entry in lexicon.entries())
    rows, forms = split_rows(lexicon)
    for string, count in naive.words.items():
        chain = len(string) > 1 and all(symbol >= NUMBER for symbol in string)
        listed = (len(string) == 1 or count >= 2) and not chain and count > forms[word_of(string)]
        assert (word_of(string) in rows) == listed


def test_counts_are_those_of_the_segmentation(both: tuple[Lexicon, Naive]) -> None:
    lexicon, naive = both
    rows, forms = split_rows(lexicon)
    for name, entry in rows.items():
        assert entry.count + forms[name] == naive.words[tuple(symbols_of(name).tolist())]


def test_pmi_is_the_weakest_link(both: tuple[Lexicon, Naive]) -> None:
    lexicon, naive = both
    for entry in lexicon.entries():
        string = tuple(symbols_of(entry.word).tolist())
        assert entry.pmi == pytest.approx(naive.pmi(string), rel=1e-5, abs=1e-6)


def test_entropies_are_those_of_the_neighbours(both: tuple[Lexicon, Naive]) -> None:
    lexicon, naive = both
    for entry in lexicon.entries():
        left, right = naive.entropies(tuple(symbols_of(entry.word).tolist()))
        assert entry.left_entropy == pytest.approx(left, rel=1e-5, abs=1e-6)
        assert entry.right_entropy == pytest.approx(right, rel=1e-5, abs=1e-6)


def test_gain_is_what_the_best_split_costs_more(both: tuple[Lexicon, Naive]) -> None:
    lexicon, naive = both
    rows = {
        string: count
        for string, count in naive.words.items()
        if (len(string) == 1 or count >= 2) and not (len(string) > 4 and all(symbol >= NUMBER for symbol in string))
    }
    total = sum(rows.values())
    scores = {string: math.log(count / total) for string, count in rows.items()}
    for entry in split_rows(lexicon)[0].values():
        string = tuple(symbols_of(entry.word).tolist())
        if len(string) == 1:
            assert entry.gain == 0
            continue
        saved = scores[string] - best_split(string, scores, math.log(0.5 / total)) - 1
        assert entry.gain == pytest.approx(rows[string] * saved / naive.total * 1e6, rel=1e-5, abs=1e-6)


def test_long_words_and_long_class_words_were_among_them() -> None:
    assert {len(word) for word in counted("plain", 2)[0]} >= {1, 2, 3, 4, 5, 6, 7}
    lexicon = counted("units", 2)[0]
    assert {"5G", "DDR5", "AK47", "3%5%7%", "K线图", "V线图", "Java7.0版"} <= set(lexicon)
    assert lexicon["<NUM>年"].count == 4 * (4 + 5 + 6)


def test_min_count_bounds_the_rows_of_words() -> None:
    for min_count in (2, 3, 20):
        lexicon, naive = counted("plain", min_count)
        multi = [entry for entry in lexicon.entries() if len(entry.word) > 1]
        assert multi
        assert min(entry.count for entry in multi) >= min_count
        assert all(
            word_of(string) in lexicon for string, n in naive.words.items() if len(string) == 1 or n >= min_count
        )


# ----------------------------------------------------------------------------------------- written-out forms

UNITS = {f"{letter}座": 30 for letter in "ABCDEFGHJK"} | {f"{number}元": 2 for number in range(200, 290)}


def learnt(**counts: int) -> Lexicon:
    """What is learnt from text with these words and some units of other kinds."""
    return WordFinder().fit(zipf_text(3, 3000, {**UNITS, **counts})).lexicon_


def test_a_form_that_dominates_has_its_own_row() -> None:
    lexicon = learnt(K线图=60)
    assert lexicon["K线图"].count == 60
    assert lexicon["K线图"].gain > 0
    assert "<LAT>线图" not in lexicon  # nothing is left for it


def test_forms_and_the_rest_share_the_count() -> None:
    lexicon = learnt(K线图=60, **{f"{letter}线图": 2 for letter in "ABCDEFGH"})
    assert lexicon["K线图"].count == 60
    assert lexicon["<LAT>线图"].count == 16
    assert lexicon["K线图"].pmi == lexicon["<LAT>线图"].pmi


def test_gain_of_a_form_is_what_its_class_and_its_units_cost_more() -> None:
    counts = {**UNITS, "K线图": 60, **{f"{letter}线图": 2 for letter in "ABCDEFGH"}}
    corpus = zipf_text(3, 3000, counts)
    finder = WordFinder().fit(corpus)
    latin = sum(count for word, count in counts.items() if word[0].isalpha())
    saved = math.log(60 / 76) - math.log((60 + 30) / latin) - 1  # the letter K stands in K线图 and in K座
    assert finder.lexicon_["K线图"].gain == pytest.approx(60 * saved / finder.counts_.total * 1e6, rel=1e-5)


@pytest.mark.parametrize(("times", "written"), [(19, False), (21, True)])
def test_a_number_is_written_out_only_where_it_is_at_least_half(times: int, written: bool) -> None:
    lexicon = learnt(**{"5频道": times}, **{f"{number}频道": 2 for number in range(100, 110)})
    assert ("5频道" in lexicon) == written
    assert lexicon["<NUM>频道"].count == (20 if written else 20 + times)
    assert "5" not in lexicon  # a bare number is no word


def test_chains_have_rows_as_they_are_written() -> None:
    lexicon = learnt(**{"5G": 40, "DDR5": 30, "AK47": 20, "a1b2c3d4": 25})
    assert [lexicon[word].count for word in ("5G", "DDR5", "AK47")] == [40, 30, 20]
    assert "a1b2c3d4" not in lexicon  # an identifier
    assert not any(word.count("<") > 1 and word.replace("<NUM>", "").replace("<LAT>", "") == "" for word in lexicon)


@pytest.mark.parametrize("method", ["entropy", "joint"])
def test_what_is_not_listed_segments_all_the_same(method: str) -> None:
    def finder(**options: Any) -> WordFinder:
        return WordFinder(method=method, **options).fit(CORPORA["units"])

    listed = finder()
    common = max((word for word in listed.lexicon_ if len(word) > 1), key=lambda word: listed.lexicon_[word].count)
    hidden = {"K线图", "12年", "<NUM>年", "5G", "不在这里", common}
    assert len(hidden & set(listed.lexicon_)) >= 4  # forms, a word with a class, and one without
    other = finder(stopwords=hidden)
    assert other.lexicon_.entries() == [row for row in listed.lexicon_.entries() if row.word not in hidden]
    whole, same = (each.segmenter_.lexicon for each in (listed, other))
    assert whole == same
    rare = [row for row in whole.entries() if row.word not in listed.lexicon_]
    assert (len(rare) > 0) == (method == "joint")
    least = Settings.for_training(listed.counts_.total).min_count
    assert all(row.count < least for row in rare)
