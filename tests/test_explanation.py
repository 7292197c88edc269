"""Why a string is a word, or none, in Python and on the command line; and what a text costs in bits."""

from __future__ import annotations

import json
import math
import random
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from nlp_zero import LexiconSegmenter, NotFittedError, WordFinder
from nlp_zero.cli import main
from nlp_zero.words.finder import METHODS

WORDS = ["变压器", "油温", "值班员", "检查", "断路器", "母线", "记录", "声音", "正常", "运行"]


def made_up(number: int) -> list[str]:
    """Sentences of a few words in any order."""
    random_ = random.Random(7)
    return ["".join(random_.choices(WORDS, k=random_.randrange(3, 9))) + "。" for _ in range(number)]


CORPUS = [*made_up(300), "偶然一次。", "2024年油温3次，K线图。", "2025年油温4次，K线图。"]


@pytest.fixture(scope="module")
def finder() -> WordFinder:
    return WordFinder(known=["运行"], stopwords=["正常"]).fit(CORPUS)


@pytest.mark.parametrize("method", METHODS)
def test_words_of_every_method_are_explained(method: str) -> None:
    finder = WordFinder(method=method).fit(CORPUS)
    for word, row in finder.lexicon_.items():
        found = finder.explain(word)
        assert (found.listed, found.count) == (True, row.count) or word.startswith(("K", "<"))


def occurrences(string: str) -> int:
    return sum(line.startswith(string, i) for line in CORPUS for i in range(len(line)))


def entropy(neighbours: Counter[str]) -> float:
    total = sum(neighbours.values())
    return -sum(n / total * math.log(n / total) for n in neighbours.values())


def test_a_word_is_explained_by_its_figures(finder: WordFinder) -> None:
    found = finder.explain("变压器")
    row = finder.lexicon_["变压器"]
    assert found.listed
    assert (found.word, found.occurrences) == ("变压器", occurrences("变压器"))
    assert (found.count, f"{found.pmi:.5g}") == (row.count, f"{row.pmi:.5g}")
    assert found.left_entropy == pytest.approx(row.left_entropy, rel=1e-4)
    assert found.right_entropy == pytest.approx(row.right_entropy, rel=1e-4)
    assert found.segmentations == ((("变压器",), row.count),)
    assert found.score is not None
    assert found.score > found.split_score  # it is likelier than its best split
    assert "".join(found.best_split) == "".join(found.weakest_cut) == "变压器"
    assert found.reason == f"a word, {row.count} of {row.count} times"


def test_entropies_are_those_of_the_neighbours(finder: WordFinder) -> None:
    after: Counter[str] = Counter()
    for number, line in enumerate(CORPUS):
        for i in range(len(line)):
            if line.startswith("压器", i):
                neighbour = line[i + 2]
                after[neighbour if neighbour not in "，。" else f"end {number} {i}"] += 1
    assert finder.explain("压器").right_entropy == pytest.approx(entropy(after), abs=1e-9)


def test_a_part_is_explained_by_what_it_is_a_part_of(finder: WordFinder) -> None:
    found = finder.explain("压器")
    number = occurrences("变压器")
    assert not found.listed
    assert found.reason == f"no word: {number} of {number} times it is a part of 变压器"
    assert (found.count, found.score, found.left_entropy) == (0, None, 0.0)


def test_a_phrase_is_explained_by_its_words(finder: WordFinder) -> None:
    found = finder.explain("变压器油温")
    assert not found.listed
    assert found.reason.startswith("no word: ")
    assert "变压器 油温, which is likelier" in found.reason
    assert found.best_split == ("变压器", "油温")
    assert found.segmentations[0] == (("变压器", "油温"), occurrences("变压器油温"))


@pytest.mark.parametrize(
    ("word", "reason"),
    [
        ("偶然", "no word: it occurs 1 times, less than min_count (2)"),
        ("没有", "no word: it occurs 0 times, less than min_count (2)"),
        ("运行", "not listed, since it is among the known words or the stopwords"),
        ("正常", "not listed, since it is among the known words or the stopwords"),
    ],
)
def test_every_other_reason(finder: WordFinder, word: str, reason: str) -> None:
    found = finder.explain(word)
    assert not found.listed
    assert found.reason == reason


def test_numbers_and_latin_words_are_classes(finder: WordFinder) -> None:
    assert finder.explain("2024年").word == "<NUM>年"
    assert finder.explain("2024年").occurrences == 2
    assert finder.explain("K线图").word == "<LAT>线图"


@pytest.mark.parametrize("word", ["", "油 温", "油温。", "，"])
def test_what_can_be_no_word_is_refused(finder: WordFinder, word: str) -> None:
    with pytest.raises(ValueError, match="expected Han characters, numbers and Latin words alone"):
        finder.explain(word)


def test_what_is_no_string_or_too_long_is_refused(finder: WordFinder) -> None:
    with pytest.raises(TypeError, match="word: expected a str, found NoneType"):
        finder.explain(None)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="expected at most 64 characters, found 65"):
        finder.explain("长" * 65)


def test_what_is_longer_than_was_allowed_is_no_word() -> None:
    found = WordFinder(max_length=2).fit(CORPUS).explain("变压器")
    assert found.reason == "no word: it is longer than max_length (2)"


def test_what_does_not_occur_has_no_figures(finder: WordFinder) -> None:
    found = finder.explain("没有")
    assert (found.pmi, found.weakest_cut) == (0.0, ())
    assert list(found.lines()) == [f"没有: {found.reason}", "  occurrences 0, as a word 0"]


def test_nothing_is_explained_before_something_is_learnt() -> None:
    with pytest.raises(NotFittedError):
        WordFinder().explain("油温")


def test_corpora_learnt_one_after_the_other_are_all_looked_at() -> None:
    finder = WordFinder().fit(CORPUS[:150]).partial_fit(CORPUS[150:])
    assert finder.explain("油温") == WordFinder().fit(CORPUS).explain("油温")


def test_bits_are_the_entropy_of_the_segmentation(finder: WordFinder) -> None:
    han = [line for line in CORPUS if line.isascii() is False and not any(c.isdigit() for c in line)]
    again = WordFinder(method=finder.method, min_count=1).fit(han)
    segmenter = LexiconSegmenter(again.lexicon_)
    words = Counter(word for line in han for word in segmenter.words(line) if word not in "，。")
    characters = Counter(character for line in han for character in line if character not in "，。")
    nats = entropy(words) * sum(words.values()) / sum(characters.values())
    assert again.bits_per_character_ == pytest.approx(nats / math.log(2), rel=0.02)
    assert again.character_bits_ == pytest.approx(entropy(characters) / math.log(2))
    assert 0 < again.bits_per_character_ < again.character_bits_


@pytest.fixture
def run(capfdbinary: pytest.CaptureFixture[bytes], tmp_path: Path) -> Callable[..., tuple[int, str, str]]:
    (tmp_path / "in.txt").write_text("\n".join(CORPUS), encoding="utf-8")

    def command(*arguments: str) -> tuple[int, str, str]:
        status = main(["discover", str(tmp_path / "in.txt"), *arguments])
        out, err = capfdbinary.readouterr()
        return status, out.decode("utf-8"), err.decode("utf-8")

    return command


def test_the_command_explains_instead_of_listing(run: Callable[..., tuple[int, str, str]], tmp_path: Path) -> None:
    status, out, _ = run("--explain", "变压器", "--explain", "压器")
    finder = WordFinder().fit(CORPUS)
    first, second = ("".join(f"{line}\n" for line in finder.explain(word).lines()) for word in ("变压器", "压器"))
    assert (status, out) == (0, f"{first}\n{second}")
    assert first.splitlines()[0].startswith("变压器: a word, ")
    target = tmp_path / "words.tsv"
    assert run("--explain", "压器", "-o", str(target))[:2] == (0, second)  # with -o both
    assert target.read_text(encoding="utf-8").startswith("word\tcount")


def test_the_command_explains_as_json(run: Callable[..., tuple[int, str, str]]) -> None:
    status, out, _ = run("--explain", "压器", "--json")
    [explanation] = json.loads(out)["explanations"]
    assert status == 0
    assert (explanation["word"], explanation["listed"], explanation["score"]) == ("压器", False, None)


def test_the_command_refuses_what_can_be_no_word(run: Callable[..., tuple[int, str, str]]) -> None:
    status, out, err = run("--explain", "油 温", "--quiet")
    assert (status, out) == (2, "")
    assert "--explain: '油 温': expected Han characters, numbers and Latin words alone\n" in err
