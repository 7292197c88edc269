"""Finding words: planted ones are found, the same each time, and whatever is refused or missed is said."""

from __future__ import annotations

import copy
import io
import logging
import os
import pickle
import random
import re
import subprocess
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from nlp_zero import (
    CoreFallbackWarning,
    CorpusNotRestartableError,
    EmptyResultWarning,
    LexiconSegmenter,
    NotFittedError,
    TextFiles,
    WordFinder,
    evaluate_lexicon,
    evaluate_segmentation,
)
from nlp_zero.words import finder as module
from nlp_zero.words.finder import METHODS
from nlp_zero.words.pmi import Thresholds


def planted(seed: int, size: int = 800) -> tuple[list[str], list[list[str]]]:
    """A random vocabulary, and lines of its words by Zipf's law, short words first, with their true cuts."""
    random_ = random.Random(seed)
    lengths = random_.choices([1, 2, 3, 4], [15, 60, 15, 10], k=size)
    words = sorted({"".join(chr(0x4E00 + random_.randrange(2500)) for _ in range(length)) for length in lengths})
    words.sort(key=lambda word: len(word) + 2 * random_.random())
    weights = [1 / (rank + 20) for rank in range(len(words))]
    return words, [random_.choices(words, weights, k=random_.randrange(2, 12)) for _ in range(5000)]


WORDS, LINES = planted(11)
CORPUS = ["".join(line) + random.Random(i).choice("，。！") for i, line in enumerate(LINES)]
SMALL = CORPUS[:400]


@pytest.fixture(scope="module", params=METHODS)
def method(request: pytest.FixtureRequest) -> str:
    """What holds for one method holds for all."""
    return str(request.param)


@pytest.fixture(scope="module")
def fitted(method: str) -> WordFinder:
    return WordFinder(method=method).fit(CORPUS)


def found(finder: WordFinder) -> list[str]:
    """The words of two or more characters."""
    return [word for word in finder.lexicon_ if len(word) > 1]


# ---------------------------------------------------------------------------------------------- what is found


def test_planted_words_are_found(fitted: WordFinder) -> None:
    counts = {word: sum(line.count(word) for line in LINES) for word in WORDS}
    predicted = [(entry.word, entry.count) for entry in fitted.lexicon_.entries()]
    score = evaluate_lexicon(counts, predicted, top=[100])
    assert score.precision > 0.95
    assert score.recall > 0.9
    assert (score.precision_at[100] or 0) > 0.98


def test_text_is_segmented_into_planted_words(fitted: WordFinder) -> None:
    segmenter = LexiconSegmenter(fitted.lexicon_)
    gold = [" ".join(line) for line in LINES]
    predicted = [" ".join(segmenter.words("".join(line))) for line in LINES]
    assert evaluate_segmentation(gold, predicted).f1 > 0.95


def test_counts_are_those_of_the_planted_words(fitted: WordFinder) -> None:
    for word in found(fitted)[:50]:
        assert fitted.lexicon_[word].count == pytest.approx(sum(line.count(word) for line in LINES), rel=0.1, abs=2)


def test_max_length_bounds_the_words(method: str) -> None:
    finder = WordFinder(method=method, max_length=2).fit(CORPUS)
    assert {len(word) for word in finder.lexicon_} == {1, 2}
    assert max(map(len, WordFinder(method=method, max_length=3).fit(CORPUS).lexicon_)) == 3


def test_min_count_bounds_the_words(method: str) -> None:
    finder = WordFinder(method=method, min_count=60).fit(CORPUS)
    assert 0 < len(found(finder)) < len(WORDS) / 2
    assert min(finder.lexicon_[word].count for word in found(finder)) >= 60


def test_known_words_are_used_but_not_listed(fitted: WordFinder, method: str) -> None:
    known = found(fitted)[:5]
    finder = WordFinder(method=method, known=known).fit(CORPUS)
    assert not set(known) & set(finder.lexicon_)
    assert len(set(found(fitted)) - set(known) - set(finder.lexicon_)) <= 3
    lexicon = fitted.lexicon_
    pairs = (
        pair for line in LINES for pair in pairwise(line) if all(len(word) > 1 and word in lexicon for word in pair)
    )
    first, second = next(pairs)
    together = WordFinder(method=method, known=[first + second]).fit(CORPUS).lexicon_
    assert first + second not in together
    assert together[first].count < lexicon[first].count
    assert together[second].count < lexicon[second].count


def test_stopwords_are_found_but_not_listed(fitted: WordFinder, method: str) -> None:
    stopped = {found(fitted)[0], next(word for word in fitted.lexicon_ if len(word) == 1)}
    finder = WordFinder(method=method, stopwords=stopped).fit(CORPUS)
    assert finder.lexicon_ == fitted.lexicon_.remove(*stopped)


def test_items_are_texts_of_their_own(method: str) -> None:
    finder = WordFinder(method=method, min_count=2)
    assert "电网" not in finder.fit([*SMALL, *["电", "网"] * 50]).lexicon_
    assert "电网" in finder.fit([*SMALL, *["。电网", "网。", "电！"] * 50]).lexicon_


# ------------------------------------------------------------------------------------------------ determinism


def tsv(finder: WordFinder) -> str:
    return "".join(finder.lexicon_.lines())


def test_fitting_again_gives_the_same_and_starts_afresh(fitted: WordFinder, method: str) -> None:
    finder = WordFinder(method=method)
    assert finder.fit(SMALL) is finder
    small = tsv(finder)
    assert tsv(finder.fit(CORPUS)) == tsv(fitted) != small
    assert tsv(finder.fit(SMALL)) == small
    assert finder.counts_ == WordFinder(method=method).fit(SMALL).counts_


def test_partial_fit_is_fit_of_everything(fitted: WordFinder, method: str) -> None:
    parts = [CORPUS[:1500], CORPUS[1500:1501], CORPUS[1501:]]
    finder = WordFinder(method=method)
    for part in parts:
        assert finder.partial_fit(part) is finder
    assert tsv(finder) == tsv(fitted)
    assert finder.counts_ == fitted.counts_
    assert tsv(WordFinder(method=method).fit(parts[0]).partial_fit(parts[1] + parts[2])) == tsv(fitted)


def test_partial_fit_takes_files_too(fitted: WordFinder, method: str, tmp_path: Path) -> None:
    (tmp_path / "text.txt").write_text("\n".join(CORPUS[2000:]), encoding="utf-8")
    finder = WordFinder(method=method).fit(CORPUS[:2000]).partial_fit(TextFiles(tmp_path / "text.txt"))
    assert tsv(finder) == tsv(fitted)


def test_the_order_of_texts_changes_nothing(fitted: WordFinder, method: str) -> None:
    shuffled = random.Random(2).sample(CORPUS, len(CORPUS))
    finder = WordFinder(method=method).fit(shuffled)
    assert tsv(finder) == tsv(fitted)
    assert finder.lexicon_ == fitted.lexicon_
    assert finder.counts_ == fitted.counts_


def test_the_same_bytes_for_both_cores_and_any_hash_seed(method: str, tmp_path: Path) -> None:
    path = tmp_path / "text.txt"
    extra = ["买了5G手机、DDR5内存和K线图。", "１９９８年K线图，3%5%7%。"] * 40
    path.write_text("\n".join([*CORPUS[:1500], *extra]), encoding="utf-8")
    code = """
import sys
from nlp_zero import LexiconSegmenter, TextFiles, WordFinder

sys.stdout.reconfigure(encoding="utf-8", newline="\\n")
corpus = TextFiles(sys.argv[1])
lexicon = WordFinder(method=sys.argv[2], known={"手机", "内存", "电网", "油温"}).fit(corpus).lexicon_
sys.stdout.writelines(lexicon.lines())
segmenter = LexiconSegmenter(lexicon, user_words={"5G", "K线", "买了"})
print([segmenter.words(line) for line in corpus])
"""
    outputs = []
    for core, seed in (("auto", "0"), ("auto", "1"), ("python", "2")):
        env = {**os.environ, "NLP_ZERO_CORE": core, "PYTHONHASHSEED": seed}
        command = [sys.executable, "-c", code, str(path), method]
        outputs.append(subprocess.run(command, env=env, capture_output=True, check=True).stdout)
    assert len(outputs[0]) > 10_000
    assert outputs[0] == outputs[1] == outputs[2]


# ------------------------------------------------------------------------------------------------ empty results


ONLY_KNOWN = {
    "entropy": ["，电网。"] * 9,
    "joint": ["，电网。"] * 9,
    "pmi": ["，电网。"] * 9 + ["电站电表网上网页。"] * 2,
}
NO_CANDIDATE = {
    "entropy": "no n-gram occurs {} times or more and is autonomous: ",
    "joint": "no n-gram occurs {} times or more and is autonomous: ",
    "pmi": "no n-gram occurs {} times or more and holds together: ",
}
TOO_SHORT = {
    "entropy": "no candidate of 1 characters or less is likelier than its parts; .* a higher max_length",
    "joint": "no candidate of 1 characters or less is likelier than its parts; .* a higher max_length",
    "pmi": "no piece between strong n-grams occurs 2 times or more; .* a higher max_length",
}


@pytest.mark.parametrize(
    ("corpus", "parameters", "text"),
    [
        ([], {}, {name: text.format(2) + "the corpus is too small" for name, text in NO_CANDIDATE.items()}),
        ([""], {}, "the corpus is too small or has no repeated words; give more text, or a lower min_count"),
        (["，。 \n"], {}, "no n-gram occurs 2 times"),
        (["变压器油温过高"], {}, {name: text.format(2) for name, text in NO_CANDIDATE.items()}),
        (CORPUS, {"min_count": 100_000}, {name: text.format(100_000) for name, text in NO_CANDIDATE.items()}),
        (CORPUS, {"max_length": 1}, TOO_SHORT),
        (ONLY_KNOWN, {"known": {"电网"}}, "words are among those known or stopped, or occur too rarely as words"),
        (
            SMALL,
            {
                "stopwords": {
                    *WORDS,
                    *(word for name in METHODS for word in WordFinder(method=name).fit(SMALL).lexicon_),
                }
            },
            "words are among those known or stopped, or occur too rarely as words",
        ),
    ],
)
def test_an_empty_result_is_explained(
    corpus: list[str] | dict[str, list[str]], parameters: dict[str, object], text: str | dict[str, str], method: str
) -> None:
    finder = WordFinder(method=method, **parameters)  # type: ignore[arg-type]
    corpus = corpus[method] if isinstance(corpus, dict) else corpus
    text = text[method] if isinstance(text, dict) else text
    with pytest.warns(EmptyResultWarning, match="no word of two or more characters was found: .*" + text) as caught:
        finder.fit(corpus)
    assert len(caught) == 1
    assert caught[0].filename == __file__  # the line of the caller
    assert not found(finder)


def test_an_empty_corpus_gives_an_empty_lexicon(method: str) -> None:
    finder = WordFinder(method=method)
    with pytest.warns(EmptyResultWarning):
        finder.fit([])
    assert len(finder.lexicon_) == finder.counts_.total == 0


# ------------------------------------------------------------------------------------------------ what is refused


def test_what_can_be_read_once_is_refused_before_reading() -> None:
    asked: list[int] = []

    def lines() -> Iterator[str]:
        asked.append(1)
        yield "电网"

    for corpus in (lines(), iter(SMALL), map(str, SMALL), io.StringIO("电网\n")):
        for method in (WordFinder().fit, WordFinder().partial_fit):
            with pytest.raises(CorpusNotRestartableError, match="can be read only once.*pass a list, TextFiles"):
                method(corpus)
    assert not asked


@pytest.mark.parametrize(
    ("corpus", "text"),
    [
        ("电网", r"corpus: a str is one text; pass \[text\]"),
        (b"text", "corpus: expected texts, got bytes"),
        (Path("text.txt"), "corpus: a path is no text; pass TextFiles"),
        (5, "corpus: expected an iterable of str, got int"),
        (["电网", 5], "corpus item 1 is int, expected str"),
        (["电网", b"x"], "corpus item 1 is bytes, expected str: decode it first"),
    ],
)
def test_what_is_no_corpus_is_refused(corpus: object, text: str) -> None:
    finder = WordFinder()
    with pytest.raises(TypeError, match=text):
        finder.fit(corpus)  # type: ignore[arg-type]
    assert not hasattr(finder, "lexicon_")


@pytest.mark.parametrize(
    ("parameters", "error", "text"),
    [
        ({"method": "magic"}, ValueError, "^method: expected one of entropy, pmi, joint, found 'magic'$"),
        ({"max_length": 0}, ValueError, "^max_length: expected a whole number from 1 on, or None, found 0$"),
        ({"max_length": 2.5}, ValueError, "^max_length: expected a whole number from 1 on, or None, found 2.5$"),
        ({"min_count": -1}, ValueError, "^min_count: expected a whole number from 1 on, or None, found -1$"),
        ({"known": "电网"}, TypeError, "^known: expected a collection of words, found one str$"),
        ({"stopwords": "电网"}, TypeError, "^stopwords: expected a collection of words, found one str$"),
        ({"stopwords": None}, TypeError, "^stopwords: expected a collection of words, found one NoneType$"),
        ({"known": iter(["电网"])}, TypeError, "^known: a list_iterator can be read only once; pass a list or a set$"),
    ],
)
def test_wrong_parameters_are_refused_in_fit(parameters: dict[str, object], error: type[Exception], text: str) -> None:
    finder = WordFinder(**parameters)  # type: ignore[arg-type]  # storing them is all that __init__ does
    for method in (finder.fit, finder.partial_fit):
        with pytest.raises(error, match=text):
            method(SMALL)


def test_parameters_are_keyword_only() -> None:
    with pytest.raises(TypeError):
        WordFinder("pmi")  # type: ignore[misc]


# ----------------------------------------------------------------------------------------- habits of estimators


def test_parameters_can_be_asked_for_and_changed() -> None:
    finder = WordFinder(max_length=3, known=("电网",))
    expected = {
        "method": "entropy",
        "max_length": 3,
        "min_count": None,
        "known": ("电网",),
        "stopwords": (),
        "lexicon": None,
        "base": None,
        "memory_limit": None,
        "jobs": 1,
        "temporary_directory": None,
        "progress": False,
    }
    assert finder.get_params() == finder.get_params(deep=False) == expected
    assert finder.set_params(max_length=2, min_count=4) is finder
    assert finder.get_params() == {**expected, "max_length": 2, "min_count": 4}
    assert tsv(finder.fit(CORPUS)) == tsv(WordFinder(max_length=2, min_count=4, known=["电网"]).fit(CORPUS))
    assert finder.set_params(method="pmi").get_params()["method"] == "pmi"
    by_pmi = WordFinder(method="pmi", max_length=2, min_count=4, known=["电网"]).fit(SMALL)
    assert tsv(finder.fit(SMALL)) == tsv(by_pmi) != tsv(finder.set_params(method="entropy").fit(SMALL))
    assert WordFinder(**finder.get_params()).get_params() == finder.get_params()
    with pytest.raises(ValueError, match="^maximum: no such parameter; there are method, max_length, "):
        finder.set_params(maximum=3)


@pytest.mark.parametrize("name", ["lexicon_", "counts_"])
def test_results_are_missing_before_fit(name: str) -> None:
    finder = WordFinder()
    assert not hasattr(finder, name)
    with pytest.raises(NotFittedError, match=rf"^{name}: nothing was learnt yet; call fit\(corpus\) first$"):
        getattr(finder, name)
    with pytest.raises(AttributeError):
        getattr(finder, name)
    with pytest.raises(AttributeError, match="^'WordFinder' object has no attribute 'words_'$"):
        finder.words_  # noqa: B018


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, lambda finder: pickle.loads(pickle.dumps(finder))])
def test_copies(copied: object, fitted: WordFinder, method: str) -> None:
    empty = copied(WordFinder(method=method, max_length=3))  # type: ignore[operator]
    assert (empty.get_params()["max_length"], empty.get_params()["method"]) == (3, method)
    assert not hasattr(empty, "lexicon_")
    finder = WordFinder(method=method).fit(SMALL)
    other = copied(finder)  # type: ignore[operator]
    assert tsv(other) == tsv(finder)
    assert tsv(other.partial_fit(CORPUS[400:])) == tsv(fitted)
    assert tsv(finder) == tsv(WordFinder(method=method).fit(SMALL))


# ---------------------------------------------------------------------------------------------- what is said


STEPS = {
    "entropy": ("candidates", "words"),
    "joint": ("candidates", "words"),
    "pmi": ("strong n-grams", "candidates", "words"),
}


def test_the_choices_are_logged(method: str, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "nlp_zero"):
        finder = WordFinder(method=method, min_count=3).fit(CORPUS)
    chosen, left = (message for message in caplog.messages if message.startswith(f"method {method}: "))
    assert f"method {method}: {finder.counts_.total} symbols, " in chosen
    assert "min_count=3" in chosen
    assert chosen.endswith(", max_length=8")
    numbers = r", ".join(rf"[1-9]\d* {step}" for step in STEPS[method])
    assert re.fullmatch(f"method {method}: {numbers}", left)


def test_defaults_scale_with_the_corpus() -> None:
    sizes = [10_000, 100_000, 2_000_000, 10_000_000]
    assert [Thresholds.for_size(size).min_count for size in sizes] == [2, 2, 3, 4]
    pairs = [Thresholds.for_size(size).links[0] for size in sizes]
    assert pairs == sorted(pairs, reverse=True)
    assert pairs[0] > pairs[-1]


def test_nothing_is_printed(capfd: pytest.CaptureFixture[str]) -> None:
    finder = WordFinder(progress=True).fit(SMALL)  # stderr is no terminal here
    LexiconSegmenter(finder.lexicon_).tokenize(SMALL[0])
    assert capfd.readouterr() == ("", "")


def test_a_big_job_on_the_python_core_is_said_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "text.txt").write_text("\n".join(SMALL), encoding="utf-8")
    corpus = TextFiles(tmp_path / "text.txt")
    monkeypatch.setenv("NLP_ZERO_CORE", "python")
    WordFinder().fit(corpus)  # it is small: no warning
    monkeypatch.setattr(module, "_BIG", 1000)
    expected = f"^{corpus.total_bytes} bytes are counted on the numpy core, .* slower: NLP_ZERO_CORE is 'python'$"
    for method in (WordFinder().fit, WordFinder().partial_fit):
        with pytest.warns(CoreFallbackWarning, match=expected) as caught:
            method(corpus)
        assert len(caught) == 1
        assert caught[0].filename == __file__


# ---------------------------------------------------------------------------------------- known words, odd ones


@pytest.mark.parametrize("corpus", [[], [""], ["，。"]])
def test_known_words_and_a_corpus_without_symbols(corpus: list[str], method: str) -> None:
    with pytest.warns(EmptyResultWarning):
        assert len(WordFinder(method=method, known=["中国", "中华人民共和国"]).fit(corpus).lexicon_) == 0


MONITOR = [f"{a}变压器油温监测仪{b}" for a in "在看修把" for b in "了吗呢，"]


@pytest.mark.filterwarnings("ignore::nlp_zero.EmptyResultWarning")  # all there is to find is known
@pytest.mark.parametrize("known", [["油温监测"], ["油温监测仪"], ["油温监测 \r\n", "们说 "], ["变压器油温"]])
def test_known_words_of_any_length_are_words_while_learning(known: list[str], method: str) -> None:
    listed = WordFinder(method=method, known=known).fit(MONITOR).lexicon_
    assert "油" not in listed and "温" not in listed
    assert not any(word.strip() in listed for word in known)


def test_a_known_word_with_a_line_end_inside_is_refused(method: str) -> None:
    with pytest.raises(ValueError, match="words: expected words without line ends"):
        WordFinder(method=method, known=["油温\n监测"]).fit(MONITOR)
