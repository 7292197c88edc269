"""What the ranking of terms is made from: equal to naive counts of lists of words, however it is counted; as a file."""

from __future__ import annotations

import math
import re
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import fields, replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from nlp_zero import CountsFormatError, Lexicon, LexiconSegmenter, NgramCounts, TermCounts, Terms, TextFiles
from nlp_zero.core.symbols import SYMBOL_BITS
from nlp_zero.files import read_container, write_container
from nlp_zero.parallel import Workers
from nlp_zero.progress import Advance
from nlp_zero.resources import Resources
from nlp_zero.sentences.cutting import AnySegmenter
from nlp_zero.temporary import Scratch
from nlp_zero.terms import counts as counts_module
from nlp_zero.terms.counts import STRETCHES, counted_terms
from nlp_zero.terms.tokens import FIRST_WORD, is_mark

Text = list[str]  # of documents: words and marks separated by spaces, lines by line ends
Gram = tuple[str, ...]
LINE, DOCUMENT = "\n", "|"
SEGMENTER = LexiconSegmenter(Lexicon.from_counts(dict.fromkeys(["变压器", "油温", "过高", "检查", "断路器"], 9)))


def silent(*what: object) -> AbstractContextManager[Advance]:
    return nullcontext(lambda amount: None)


@contextmanager
def resources_of(room: int = 1 << 30, jobs: int = 1, *, share: bool = True) -> Iterator[Resources]:
    with tempfile.TemporaryDirectory() as folder, Scratch(folder) as scratch:
        with Resources(room, Workers(jobs, share_memory=share), scratch) as resources:
            yield resources


def counted(
    domain: Iterable[str],
    background: Iterable[str] = (),
    *,
    min_count: int | None = 1,
    longest: int = 3,
    segmenter: AnySegmenter = str.split,
    room: int = 1 << 30,
    jobs: int = 1,
    share: bool = True,
) -> TermCounts:
    with resources_of(room, jobs, share=share) as resources:
        return counted_terms(
            [domain],
            [background],
            segmenter,
            min_count=min_count,
            longest=longest,
            resources=resources,
            bars=silent,
        )


def same(one: TermCounts, other: TermCounts) -> bool:
    """Whether two values hold the same, bit by bit."""
    for field in fields(TermCounts):
        first, second = getattr(one, field.name), getattr(other, field.name)
        equal = np.array_equal(first, second) and first.dtype == second.dtype if isinstance(first, np.ndarray) else None
        if not (first == second if equal is None else equal):
            return False
    return True


def by_gram(counts: TermCounts, values: Sequence[float]) -> dict[Gram, float]:
    """A column of figures by the words they belong to."""
    strings = counts.strings()
    rows = strings.strings(np.arange(len(strings)) + 1).tolist()
    names = [tuple(counts.words[symbol - FIRST_WORD] for symbol in row if symbol) for row in rows]
    assert len(set(names)) == len(names) == len(values)
    return dict(zip(names, np.asarray(values).tolist()))


def pairs_of(counts: TermCounts) -> dict[tuple[str, str], int]:
    left, right = ([counts.words[i] for i in side.tolist()] for side in (counts.left_words, counts.right_words))
    found = dict(zip(zip(left, right), counts.nearness.tolist()))
    assert len(found) == len(counts.nearness)
    return found


# --------------------------------------------------------------------------------------------------- the oracle


class Naive(NamedTuple):
    """What lists of words say, counted one by one."""

    words: tuple[str, ...]
    counts: dict[Gram, int]
    background: dict[Gram, int]
    documents: dict[Gram, int]
    stretches: dict[Gram, int]
    left: dict[Gram, float]
    right: dict[Gram, float]
    after_marks: dict[Gram, int]
    before_marks: dict[Gram, int]
    pairs: dict[tuple[str, str], int]
    totals: tuple[int, int, int]


def stream_of(text: Text) -> list[str]:
    """The words and marks of a text, a line end after each line, `DOCUMENT` after each document."""
    found = []
    for document in text:
        for line in document.removesuffix("\n").split("\n"):
            found += [*line.split(), LINE]
        found.append(DOCUMENT)
    return found


def is_word(token: str) -> bool:
    return token not in (LINE, DOCUMENT) and not is_mark(token)


def once(stream: list[str], known: set[str] | None = None) -> list[str]:
    """The stream without runs of four known words and more that came before; all words are known by default."""
    kept: list[str] = []
    seen: set[Gram] = set()
    run: list[str] = []
    for token in [*stream, ""]:
        if token and is_word(token) and (known is None or token in known):
            run.append(token)
            continue
        if len(run) < 4 or tuple(run) not in seen:
            kept += run
        seen.add(tuple(run))
        run = []
        kept += [token] if token else []
    return kept


def grams_of(stream: list[str], longest: int, known: set[str]) -> list[tuple[int, Gram]]:
    """All sequences of known words, with their places."""
    return [
        (i, tuple(stream[i:end]))
        for i in range(len(stream))
        for end in range(i + 1, min(i + longest, len(stream)) + 1)
        if all(token in known and is_word(token) for token in stream[i:end])
    ]


def entropy(neighbours: list[str]) -> float:
    total = len(neighbours)
    return math.log(total) - sum(number * math.log(number) for number in Counter(neighbours).values()) / total


def marks(neighbours: list[str]) -> int:
    """How many of some neighbours are marks."""
    return sum(not is_word(one) for one in neighbours)


def naive(domain: Text, background: Text, min_count: int, longest: int) -> Naive:
    whole = stream_of(domain)
    order = [word for word in dict.fromkeys(whole) if is_word(word)]
    stream = once(whole)
    vocabulary = set(order)
    places = grams_of(stream, longest + 1, vocabulary)
    all_counts = Counter(gram for _, gram in places)
    kept = {gram: number for gram, number in all_counts.items() if number >= min_count}
    words_before = [sum(map(is_word, stream[:i])) for i in range(len(stream) + 1)]
    total = words_before[-1]
    documents: dict[Gram, set[int]] = {}
    stretches: dict[Gram, set[int]] = {}
    lefts: dict[Gram, list[str]] = {}
    rights: dict[Gram, list[str]] = {}
    beside_words = [LINE, *(LINE if token == DOCUMENT else token for token in stream)]  # a line begins where one ended
    for i, gram in places:
        end = i + len(gram)
        documents.setdefault(gram, set()).add(stream[:i].count(DOCUMENT))
        stretches.setdefault(gram, set()).add(words_before[i] * STRETCHES // total)
        lefts.setdefault(gram, []).append(beside_words[i])
        rights.setdefault(gram, []).append(beside_words[end + 1])
    common = {gram[0] for gram in kept if len(gram) == 1}
    pairs: Counter[tuple[str, str]] = Counter()
    for gram, number in all_counts.items():
        if 2 <= len(gram) <= min(longest + 1, 3) and {gram[0], gram[-1]} <= common:
            first, last = sorted((gram[0], gram[-1]), key=order.index)
            pairs[first, last] += number * (2 if len(gram) == 2 else 1)
    other = once(stream_of(background), vocabulary)
    other_counts = Counter(gram for _, gram in grams_of(other, longest + 1, vocabulary))

    def of(found: dict[Gram, Any], figure: Any) -> dict[Gram, Any]:
        return {gram: figure(found[gram]) if len(gram) <= longest or figure is len else 0.0 for gram in kept}

    return Naive(
        tuple(word for word in order if (word,) in kept),
        kept,
        {gram: other_counts[gram] for gram in kept},
        of(documents, len),
        of(stretches, len),
        of(lefts, entropy),
        of(rights, entropy),
        of(lefts, marks),
        of(rights, marks),
        dict(pairs),
        (total, sum(map(is_word, other)), stream.count(DOCUMENT)),
    )


def check(counts: TermCounts, expected: Naive) -> None:
    """Compare all figures."""
    assert counts.words == expected.words
    assert by_gram(counts, counts.counts.tolist()) == expected.counts
    assert by_gram(counts, counts.background.tolist()) == expected.background
    assert by_gram(counts, counts.documents.tolist()) == expected.documents
    assert by_gram(counts, counts.stretches.tolist()) == expected.stretches
    assert by_gram(counts, counts.left_entropies.tolist()) == pytest.approx(expected.left, abs=1e-8)
    assert by_gram(counts, counts.right_entropies.tolist()) == pytest.approx(expected.right, abs=1e-8)
    assert by_gram(counts, counts.after_marks.tolist()) == expected.after_marks
    assert by_gram(counts, counts.before_marks.tolist()) == expected.before_marks
    assert pairs_of(counts) == expected.pairs
    assert (counts.domain_total, counts.background_total, counts.document_total) == expected.totals
    assert (np.diff(counts.keys.astype(object)) > 0).all()
    order = counts.left_words.astype(object) * 10**6 + counts.right_words
    assert (np.diff(order) > 0).all()  # pairs are sorted, none is there twice


words = st.sampled_from(["甲", "甲", "甲", "乙", "乙", "丙", "K线", "5"])
tokens = words | st.sampled_from(["，", "，", "。", "——"])
lines = st.lists(words | tokens, max_size=9).map(" ".join)
documents_ = st.lists(lines, min_size=1, max_size=3).map("\n".join)
corpora = st.lists(documents_, max_size=5)
others = st.lists(st.lists(words | st.sampled_from(["，", "丁", "戊"]), max_size=9).map(" ".join), max_size=5)


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(corpora, others, st.integers(1, 4), st.integers(1, 4))
@example([], [], 1, 3)
@example(["， 。"], ["甲"], 1, 1)
@example(
    ["甲 乙 丙 甲\n甲 乙 丙 甲", "甲 乙 丙 甲 ， 甲 乙 丙"], ["甲 乙 丙 甲\n丁 甲 乙 丙 甲 丁\n甲 乙 丙 甲 丁"], 1, 3
)
@example(["甲 甲 甲 甲 甲"], ["甲 甲 甲"], 2, 4)
def test_counts_are_those_of_lists_of_words(domain: Text, background: Text, min_count: int, longest: int) -> None:
    check(
        counted(domain, background, min_count=min_count, longest=longest), naive(domain, background, min_count, longest)
    )


def test_a_small_text_by_hand() -> None:
    found = counted(["甲 乙 ， 甲 乙", "丙 甲 丁"], ["甲 乙 甲 戊 甲 乙"], longest=2)
    counts = by_gram(found, found.counts.tolist())
    assert (counts["甲",], counts["甲", "乙"], counts["丙", "甲", "丁"]) == (3, 2, 1)
    assert ("乙", "甲") not in counts  # a mark stands between
    assert by_gram(found, found.background.tolist())["甲", "乙"] == 2
    assert by_gram(found, found.background.tolist())["甲",] == 3
    assert by_gram(found, found.documents.tolist())["甲",] == 2
    assert by_gram(found, found.documents.tolist())["甲", "乙"] == 1
    right = by_gram(found, found.right_entropies.tolist())
    assert right["甲",] == pytest.approx(math.log(3) - 2 / 3 * math.log(2))  # 乙 twice and 丁
    assert right["甲", "乙"] == pytest.approx(math.log(2))  # a comma and a line end
    assert by_gram(found, found.after_marks.tolist())["甲",] == 2
    assert by_gram(found, found.before_marks.tolist())["甲", "乙"] == 2
    left = by_gram(found, found.left_entropies.tolist())
    assert left["甲",] == pytest.approx(math.log(3))  # the beginning of a line, a comma and 丙
    assert pairs_of(found) == {("甲", "乙"): 4, ("甲", "丙"): 2, ("甲", "丁"): 2, ("丙", "丁"): 1}
    assert (found.domain_total, found.background_total, found.document_total) == (7, 6, 2)
    assert (found.min_count, found.longest) == (1, 2)


def test_repr() -> None:
    found = counted(["甲 乙 ， 甲 乙", "丙"], ["甲 乙 甲"], longest=2)
    expected = "<TermCounts: 5 words of 2 documents, 3 of background, 4 words and sequences of up to 3>"
    assert repr(found) == expected


def test_words_of_a_background_that_a_domain_has_not_are_words_all_the_same() -> None:
    found = counted(["甲 乙"], ["丁 戊 ， 甲", "己"])
    assert found.background_total == 4
    assert found.words == ("甲", "乙")


def test_stretches_are_spread_evenly_over_the_text() -> None:
    found = counted([" ".join(f"词{i}" for i in range(j, j + 50)) + " 甲" for j in range(0, 20_000, 50)])
    stretches = by_gram(found, found.stretches.tolist())
    assert stretches["甲",] == STRETCHES == 200  # 400 times, twice in each
    assert stretches["词7",] == 1


@pytest.mark.parametrize(("number", "least"), [(4_999, 2), (5_000, 3), (49_999, 3), (50_000, 5)])
def test_the_least_count_grows_with_the_text(number: int, least: int) -> None:
    assert counted([" ".join(f"词{i % 1000}" for i in range(number))], min_count=None, longest=1).min_count == least


def test_pairs_are_kept_of_the_most_frequent_words_only(monkeypatch: pytest.MonkeyPatch) -> None:
    text = ["甲 乙 ， 甲 乙 ， 甲 丙", "丁 甲"]
    assert ("甲", "丁") in pairs_of(counted(text))
    monkeypatch.setattr(counts_module, "_MOST_WORDS", 2)
    assert pairs_of(counted(text)) == {("甲", "乙"): 4}


# ------------------------------------------------------------------------------- files, workers and bounded memory


def made_up(seed: int, documents: int, *, words: int = 40) -> Text:
    random = np.random.default_rng(seed)
    marks = ["，", "。", "\n"]
    found = []
    for _ in range(documents):
        numbers = (words * random.random(60) ** 3).astype(int).tolist()
        found.append(" ".join(marks[i % 3] if i == 1 else f"词{number}" for i, number in enumerate(numbers)))
    return found


TEXT, BACKGROUND = made_up(1, 60), made_up(2, 40, words=60)


def test_counts_of_more_text() -> None:
    check(counted(TEXT, BACKGROUND, min_count=2, longest=2), naive(TEXT, BACKGROUND, 2, 2))


@pytest.mark.parametrize("share", [True, False])
def test_two_workers_count_the_same(share: bool) -> None:
    one = counted(TEXT, BACKGROUND, min_count=None)
    assert one.min_count == 2
    assert same(counted(TEXT, BACKGROUND, min_count=None, jobs=2, share=share), one)


@pytest.mark.parametrize("room", [3_000, 30_000, 300_000])
def test_what_does_not_fit_into_memory_is_counted_the_same(room: int) -> None:
    text = [line for document in TEXT for line in document.split("\n")]
    one = counted(text, BACKGROUND, min_count=2)
    bounded = counted(text, BACKGROUND, min_count=2, room=room)
    for name in ("words", "keys", "counts", "background", "documents", "stretches", "before_marks"):
        assert np.array_equal(getattr(bounded, name), getattr(one, name)), name
    assert np.array_equal(bounded.right_entropies, one.right_entropies)
    assert pairs_of(bounded) == pairs_of(one)


@pytest.mark.parametrize("room", [3_000, 30_000])
def test_figures_do_not_depend_on_how_much_memory_there_is(room: int) -> None:
    """A word at the beginning of a piece has the mark before it that ends the piece before, as any other word has."""
    one, bounded = counted(TEXT, BACKGROUND, min_count=2), counted(TEXT, BACKGROUND, min_count=2, room=room)
    assert by_gram(bounded, bounded.left_entropies.tolist()) == by_gram(one, one.left_entropies.tolist())
    assert same(bounded, one)


def test_no_file_is_left_behind(tmp_path: Path) -> None:
    with Scratch(tmp_path) as scratch, Resources(30_000, Workers(1, share_memory=True), scratch) as resources:
        counted_terms([TEXT], [BACKGROUND], str.split, min_count=2, longest=3, resources=resources, bars=silent)
        written = list(scratch.path.iterdir())
        assert len(written) > 1  # it was too little room indeed
    assert not list(tmp_path.iterdir())


def test_files_count_as_texts_of_a_list_do(tmp_path: Path) -> None:
    texts = ["变压器油温过高，检查变压器。\n断路器油温过高。\n", "检查断路器油温。\n", "变压器油温。\n检查。\n"]
    for i, text in enumerate(texts):
        (tmp_path / f"{i}.txt").write_text(text, encoding="utf-8", newline="\n")
    files = counted(TextFiles(tmp_path), ["油温"], segmenter=SEGMENTER)
    assert same(files, counted(texts, ["油温"], segmenter=SEGMENTER))
    assert files.document_total == 3
    assert by_gram(files, files.documents.tolist())["油温",] == 3


@pytest.mark.parametrize("segmenter", [SEGMENTER, SEGMENTER.words], ids=["segmenter", "function"])
@pytest.mark.parametrize("end", ["", "\n", "\r\n"])
def test_lines_of_one_file_are_documents(tmp_path: Path, segmenter: AnySegmenter, end: str) -> None:
    path = tmp_path / "one.txt"
    path.write_bytes(("变压器油温过高，检查变压器。\r\n断路器油温过高。\n检查油温。" + end).encode())
    found = counted(TextFiles(path), ["油温"], segmenter=segmenter)
    documents = by_gram(found, found.documents.tolist())
    assert (documents["油温",], documents["变压器",], documents["检查",]) == (3, 1, 2)
    assert found.document_total == 3


def test_each_text_is_read_once() -> None:
    class Counting(list[str]):
        read = 0

        def __iter__(self) -> Iterator[str]:
            self.read += 1
            return super().__iter__()

    domain, background = Counting(TEXT[:3]), Counting(BACKGROUND[:3])
    counted(domain, background)
    assert (domain.read, background.read) == (1, 1)


# --------------------------------------------------------------------------------------------------- the file


@settings(max_examples=30)
@given(domain=corpora, background=others, longest=st.integers(1, 3))
def test_load_gives_what_was_saved(
    domain: Text, background: Text, longest: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    found = counted(domain, background, longest=longest)
    folder = tmp_path_factory.mktemp("counts")
    found.save(folder / "one")
    loaded = TermCounts.load(folder / "one")
    assert same(loaded, found)
    loaded.save(folder / "two")
    assert (folder / "two").read_bytes() == (folder / "one").read_bytes()


def test_any_word_can_be_saved(tmp_path: Path) -> None:
    strange = ["油\ud800", "a\u2028b", "\x00x", "5\x85", "😀9"]
    found = counted(["x"], segmenter=lambda text: strange)
    found.save(tmp_path / "counts")
    assert set(TermCounts.load(str(tmp_path / "counts")).words) == set(strange)


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("counts") / "counts"
    counted(["甲 乙 丙 ， 甲 乙", "丙 甲 丁 甲"], ["甲 乙 丁"]).save(path)
    return path.read_bytes()


WAY_OUT = "; make it anew with save() or --save-counts"


def refused(data: bytes, folder: Path) -> None:
    """Check that bytes are refused in the one way there is."""
    path = folder / "damaged"
    path.write_bytes(data)
    with pytest.raises(CountsFormatError) as caught:
        TermCounts.load(path)
    message = str(caught.value)
    assert message.startswith(f"{path}: ") and message.endswith(WAY_OUT) and "\n" not in message


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_other_byte_is_refused(saved: bytes, data: st.DataObject, tmp_path: Path) -> None:
    place = data.draw(st.integers(0, len(saved) - 1) | st.integers(0, 40))
    value = data.draw(st.integers(0, 255).filter(lambda value: value != saved[place]))
    damaged = saved[:place] + bytes([value]) + saved[place + 1 :]
    path = tmp_path / "damaged"
    path.write_bytes(damaged)
    try:
        found = TermCounts.load(path)
    except CountsFormatError as error:
        assert str(error).startswith(f"{path}: ") and str(error).endswith(WAY_OUT)
        return
    (tmp_path / "whole").write_bytes(saved)
    assert same(found, TermCounts.load(tmp_path / "whole"))  # a byte between arrays, which nothing reads


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_part_of_a_file_is_refused(saved: bytes, data: st.DataObject, tmp_path: Path) -> None:
    refused(saved[: data.draw(st.integers(0, len(saved) - 64))], tmp_path)


def altered(saved: bytes, folder: Path, **changes: Any) -> bytes:
    """The file with other arrays or numbers, and checksums that are right."""
    (folder / "whole").write_bytes(saved)
    meta, arrays = read_container(folder / "whole", "term counts", (1,))
    for name, change in changes.items():
        of = meta if name in meta else arrays
        value = change(of.get(name)) if callable(change) else change
        if value is None:
            del of[name]
        else:
            of[name] = value
    write_container(folder / "altered", "term counts", 1, meta, arrays)
    return (folder / "altered").read_bytes()


def test_unaltered_is_read(saved: bytes, tmp_path: Path) -> None:
    (tmp_path / "again").write_bytes(altered(saved, tmp_path))
    (tmp_path / "first").write_bytes(saved)
    assert same(TermCounts.load(tmp_path / "again"), TermCounts.load(tmp_path / "first"))


NUMBERS = ("domain_total", "background_total", "document_total", "min_count", "longest")
BY_NODE = tuple(
    "keys counts background documents stretches left_entropies right_entropies after_marks before_marks".split()
)
PAIRS = ("left_words", "right_words", "nearness")


@pytest.mark.parametrize("name", [*NUMBERS, *BY_NODE, *PAIRS, "words"])
def test_what_is_missing_is_named(saved: bytes, tmp_path: Path, name: str) -> None:
    (tmp_path / "counts").write_bytes(altered(saved, tmp_path, **{name: lambda value: None}))
    with pytest.raises(CountsFormatError, match=f": '{name}' is missing; make it anew"):
        TermCounts.load(tmp_path / "counts")


@pytest.mark.parametrize("name", [*BY_NODE, *PAIRS])
@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda array: array[:-1], id="shorter"),
        pytest.param(lambda array: np.concatenate((array, array[-1:])), id="longer"),
        pytest.param(lambda array: array.astype(np.float32), id="other-type"),
        pytest.param(lambda array: array.reshape(1, -1), id="other-shape"),
    ],
)
def test_arrays_that_do_not_belong_together_are_refused(saved: bytes, tmp_path: Path, name: str, change: Any) -> None:
    refused(altered(saved, tmp_path, **{name: change}), tmp_path)


def low_symbol(keys: Any) -> Any:
    return np.concatenate(([np.uint64(FIRST_WORD - 1)], keys[1:]))


def unsorted(keys: Any) -> Any:
    return np.concatenate((keys[1::-1], keys[2:]))


def later_parent(keys: Any) -> Any:
    return np.concatenate((keys[:-1], [np.uint64(len(keys)) << np.uint64(SYMBOL_BITS) | np.uint64(FIRST_WORD)]))


def high_symbol(keys: Any) -> Any:
    return np.concatenate((keys[:-1], [keys[-1] | np.uint64((1 << SYMBOL_BITS) - 1)]))


@pytest.mark.parametrize(
    ("name", "change"),
    [
        *[("keys", change) for change in (low_symbol, unsorted, later_parent, high_symbol)],
        *[(name, lambda array: array * 0 - 1) for name in PAIRS[:2]],
        *[(name, lambda array: array + 4) for name in PAIRS[:2]],
        *[(name, value) for name in NUMBERS for value in (-1, 1.5, "3", [3], True)],
        ("longest", 0),
        ("words", lambda blob: blob[:1]),
        ("words", lambda blob: np.frombuffer(b"\xff" * len(blob), dtype=np.uint8)),
    ],
)
def test_what_is_no_trie_of_words_is_refused(saved: bytes, tmp_path: Path, name: str, change: Any) -> None:
    refused(altered(saved, tmp_path, **{name: change}), tmp_path)


def test_other_kinds_of_files_are_refused(tmp_path: Path, saved: bytes) -> None:
    for data in (b"", b"term\tscore\n", b"NLPZERO\n", saved[8:]):
        refused(data, tmp_path)
    NgramCounts.from_corpus(["变压器油温过高。"] * 3).save(tmp_path / "other")
    refused((tmp_path / "other").read_bytes(), tmp_path)
    (tmp_path / "counts").write_bytes(saved)
    with pytest.raises(CountsFormatError):
        NgramCounts.load(tmp_path / "counts")
    with pytest.raises(Exception, match="expected terms, found a model or counts"):
        Terms.load(tmp_path / "counts")
    write_container(tmp_path / "newer", "term counts", 2, {}, {})
    refused((tmp_path / "newer").read_bytes(), tmp_path)


def test_a_missing_file_is_no_damaged_one(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        TermCounts.load(tmp_path / "none")


def test_same_sees_any_difference() -> None:
    """What the comparisons above rely on."""
    found = counted(["甲 乙 丙 ， 甲 乙"], ["甲"])
    assert same(found, replace(found))
    for field in fields(TermCounts):
        value = getattr(found, field.name)
        other = value + (("丁",) if isinstance(value, tuple) else 1)
        assert not same(found, replace(found, **{field.name: other})), field.name
    assert re.match("<TermCounts: 5 words", repr(found))
