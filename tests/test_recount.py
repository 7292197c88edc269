"""The figures of a lexicon's rows, each against its definition on raw text."""

from __future__ import annotations

import itertools
import math
import random
from collections import Counter
from functools import cache

import pytest

from nlp_zero import Entry, Lexicon, WordFinder
from nlp_zero.core.python import FIRST_SYMBOL, NUMBER
from nlp_zero.statistics.counts import NgramCounts
from nlp_zero.text.characters import symbols_of, units, word_of
from nlp_zero.words import pmi
from nlp_zero.words.lattice import Lattice
from nlp_zero.words.recount import Recount

String = tuple[int, ...]


def zipf_text(seed: int, lines: int, extra: list[str]) -> list[str]:
    """Lines of words of a random vocabulary, some of them long, and some other words."""
    random_ = random.Random(seed)
    lengths = random_.choices([1, 2, 3, 4, 5, 6, 7], [15, 40, 15, 10, 8, 6, 6], k=120)
    words = ["".join(chr(0x4E00 + random_.randrange(300)) for _ in range(length)) for length in lengths] + extra
    random_.shuffle(words)
    weights = [1 / rank for rank in range(1, len(words) + 1)]
    return ["".join(random_.choices(words, weights, k=random_.randrange(1, 12))) + "，" for _ in range(lines)]


EXTRA = ["5G", "K线图", "V线图", "3年", "12年", "1998年", "DDR5", "AK47", "3%5%7%", "a1b2c3", "T3航站楼", "Java7.0版"]
CORPORA = {
    "plain": zipf_text(1, 700, []),
    "units": zipf_text(2, 700, EXTRA),
    "few": ["变压器油温过高。", "检查变压器油温！", "变压器停运", "油温正常", "更换变压器"] * 4,
}


class Naive:
    """A corpus looked at by definition, with the lattice that a finder used."""

    def __init__(self, corpus: list[str], lattice: Lattice) -> None:
        self.runs: list[String] = []
        self.words: Counter[String] = Counter()
        for line in corpus:
            symbols = units(line).symbols
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

    def places(self, string: String) -> list[tuple[int | None, int | None]]:
        """What stands before and after each occurrence; None at the end of a run."""
        n = len(string)
        return [
            (run[i - 1] if i else None, run[i + n] if i + n < len(run) else None)
            for run in self.runs
            for i in range(len(run) - n + 1)
            if run[i : i + n] == string
        ]

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
        original = Recount.__init__

        def spying(self: Recount, lattice: Lattice, counts: NgramCounts) -> None:
            lattices.append(lattice)
            original(self, lattice, counts)

        patch.setattr(Recount, "__init__", spying)
        lexicon = WordFinder(min_count=min_count).fit(corpus).lexicon_
    assert counts.total == sum(len(run) for run in Naive(corpus, lattices[0]).runs)
    return lexicon, Naive(corpus, lattices[0])


@pytest.fixture(scope="module", params=CORPORA, ids=str)
def both(request: pytest.FixtureRequest) -> tuple[Lexicon, Naive]:
    return counted(request.param, 2)


def class_rows(lexicon: Lexicon) -> list[tuple[Entry, String]]:
    """The rows that are not written-out forms, with their symbols."""
    rows = [(entry, tuple(symbols_of(entry.word).tolist())) for entry in lexicon.entries()]
    return [(entry, string) for entry, string in rows if word_of(string) == entry.word]


def forms_of(lexicon: Lexicon, string: String) -> list[Entry]:
    """The written-out forms of a class word that have rows."""
    name = word_of(string)
    entries = lexicon.entries()
    return [e for e in entries if e.word != name and word_of(symbols_of(e.word).tolist()) == name]


def test_every_frequent_word_has_a_row(both: tuple[Lexicon, Naive]) -> None:
    lexicon, naive = both
    assert any(len(entry.word) > 1 for entry in lexicon.entries())
    for string, count in naive.words.items():
        forms = sum(form.count for form in forms_of(lexicon, string))
        chain = len(string) > 1 and all(symbol >= NUMBER for symbol in string)
        listed = (len(string) == 1 or count >= 2) and not chain and count > forms
        assert (word_of(string) in lexicon) == listed


def test_counts_are_those_of_the_segmentation(both: tuple[Lexicon, Naive]) -> None:
    lexicon, naive = both
    for entry, string in class_rows(lexicon):
        assert entry.count + sum(form.count for form in forms_of(lexicon, string)) == naive.words[string]


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
    for entry, string in class_rows(lexicon):
        if len(string) == 1:
            assert entry.gain == 0
            continue
        saved = scores[string] - best_split(string, scores, math.log(0.5 / total)) - 1
        assert entry.gain == pytest.approx(rows[string] * saved / naive.total * 1e6, rel=1e-5, abs=1e-6)


def test_long_words_were_among_them() -> None:
    lexicon, _ = counted("plain", 2)
    assert {len(entry.word) for entry in lexicon.entries()} >= {1, 2, 3, 4, 5, 6, 7}
    assert {len(string) for _, string in class_rows(counted("units", 2)[0])} >= {1, 2, 3, 4, 5, 6}


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


def forms_text(**counts: int) -> list[str]:
    """Words among others, each so many times."""
    random_ = random.Random(3)
    others = ["变压器", "油温", "检查", "郊游", "天气", "今天", "公司", "的", "了", "和", "看", "有"]
    words = [word for word, count in counts.items() for _ in range(count)]
    random_.shuffle(words)
    return ["".join((*random_.choices(others, k=3), word, *random_.choices(others, k=3))) for word in words]


def test_a_form_that_dominates_has_its_own_row() -> None:
    lexicon = WordFinder().fit(forms_text(K线图=60, 日线图=0, A股=40, B股=30, V字=30, T恤=40)).lexicon_
    assert lexicon["K线图"].count == 60
    assert "<LAT>线图" not in lexicon  # nothing is left for it
    assert lexicon["K线图"].gain > 0


def test_forms_and_the_rest_share_the_count() -> None:
    counts = {
        "K线图": 60,
        **{f"{letter}线图": 2 for letter in "ABCDEFGH"},
        **{f"{letter}座": 9 for letter in "ABCDEFGH"},
    }
    lexicon = WordFinder().fit(forms_text(**counts)).lexicon_
    assert lexicon["K线图"].count == 60
    assert lexicon["<LAT>线图"].count == 16
    assert lexicon["K线图"].pmi == lexicon["<LAT>线图"].pmi


@pytest.mark.parametrize(("times", "written"), [(19, False), (21, True)])
def test_a_number_is_written_out_only_where_it_is_at_least_half(times: int, written: bool) -> None:
    others = {f"{number}频道": 2 for number in range(100, 110)}
    many = {f"{number}元": 2 for number in range(200, 290)}
    lexicon = WordFinder().fit(forms_text(**{"频道": 0, "5频道": times}, **others, **many)).lexicon_
    assert ("5频道" in lexicon) == written
    assert lexicon["<NUM>频道"].count == (20 if written else 20 + times)
    assert "5" not in lexicon  # a bare number is no word


def test_a_chain_is_a_row_as_it_is_written() -> None:
    many = {f"{letter}座": 9 for letter in "ABCDEFGHJK"} | {f"{number}元": 2 for number in range(200, 290)}
    lexicon = WordFinder().fit(forms_text(**{"5G": 40, "DDR5": 30, "AK47": 20}, **many)).lexicon_
    assert (lexicon["5G"].count, lexicon["DDR5"].count, lexicon["AK47"].count) == (40, 30, 20)
    assert not any(word.replace("<NUM>", "").replace("<LAT>", "") == "" for word in lexicon if word.count("<") > 1)
