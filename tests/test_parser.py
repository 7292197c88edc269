"""Parsing with sentence templates: trees that hold the words of the text, main templates, nesting, speed, errors."""

from __future__ import annotations

import json
import pickle
import random
import re
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import Any

import pytest
from counted import steps
from hypothesis import example, given
from hypothesis import strategies as st

from nlp_zero import (
    Lexicon,
    LexiconSegmenter,
    SentenceTree,
    Template,
    TemplateEntry,
    TemplateParser,
    Templates,
    Token,
)
from nlp_zero.sentences.block import Block
from nlp_zero.sentences.cutting import is_mark, tokens, words_of
from nlp_zero.sentences.cutting import sentences as sentence_places
from nlp_zero.sentences.parser import FREEST

MARKS = "。！？；!?;…"
COUNTS = {"[X] 的 颜色 是 什么": 9, "[X] 和 [X]": 7}
LEXICON = LexiconSegmenter(Lexicon.from_counts(dict.fromkeys(["苹果", "雪梨", "的", "颜色", "是", "什么", "和"], 9)))


def regex_words(text: str) -> list[str]:
    """Runs of letters and digits, and single other characters, but no white space."""
    return re.findall(r"\w+|[^\w\s]", text)


def regex_pieces(text: str) -> list[str]:
    """The same with all white space, as `jieba.lcut` gives it."""
    return re.findall(r"\w+|[^\w\s]|\s", text)


texts = st.text(
    st.characters()
    | st.sampled_from("苹果雪梨的颜色是什么和")
    | st.sampled_from("的和 　\n\t。！？…!?;，,.x3９K[]X\ufe00𠮷👨\u200d\x00\x1c\x85\u2028\ufeff"),
    max_size=40,
)
spaced = st.lists(st.sampled_from("苹果 雪梨 的 颜色 是 什么 和 。 ？ ， K线 3.5".split()), max_size=20).map(" ".join)
any_text = texts | spaced
segmenters: dict[str, Any] = {"regex": regex_words, "pieces": regex_pieces, "split": str.split, "lexicon": LEXICON}
any_segmenter = pytest.mark.parametrize("name", segmenters)


@st.composite
def written_templates(draw: st.DrawFn) -> str:
    """Templates of a few words."""
    found: list[str] = []
    for word in draw(st.lists(st.sampled_from("[X] [X] 的 颜色 是 什么 和 苹果 。".split()), min_size=1, max_size=5)):
        if word != "[X]" or found[-1:] != ["[X]"]:
            found.append(word)
    return " ".join(found)


any_templates = st.dictionaries(written_templates(), st.integers(0, 10**15) | st.integers(0, 99), max_size=5)
shares = st.sampled_from([0, 0.0, 0.5, FREEST, 1, 1.0]) | st.floats(0, 1)


def plain(text: str) -> str:
    """The text without white space."""
    return "".join(text.split())


def expected_words(text: str, name: str) -> list[str]:
    """What a segmenter gives, but white space."""
    if name == "lexicon":
        return LEXICON.words(text)
    return [word for word in segmenters[name](text) if not word.isspace()]


def without_marks(words: list[str]) -> tuple[int, int]:
    """The first word of the first sentence, and the end of the last one; marks end sentences."""
    inside = [i for i, word in enumerate(words) if not is_mark(word)]
    return (inside[0], inside[-1] + 1) if inside else (0, 0)


def leaves_of(tree: dict[str, Any]) -> Iterator[str]:
    """The words of a tree as JSON."""
    assert list(tree) == ["template", "children"]
    for child in tree["children"]:
        if isinstance(child, str):
            yield child
        else:
            yield from leaves_of(child)


def deepest(tree: SentenceTree) -> int:
    return max(depth for depth, _ in tree.root.blocks())


def fillers(tree: SentenceTree) -> list[str]:
    return [tree.text[start:end] for start, end in tree.slots]


# -------------------------------------------------------------------------------------------------- properties


@any_segmenter
@given(text=any_text, templates=any_templates, freest=shares)
@example(text="。苹果 的 颜色 是 什么", templates=COUNTS, freest=0)
@example(text="", templates={}, freest=0)
def test_leaves_are_the_words_in_their_order(name: str, text: str, templates: dict[str, int], freest: float) -> None:
    tree = TemplateParser(templates, segmenters[name], freest=freest).parse(text)
    leaves = list(tree.root.leaves())
    assert tree.text == text
    assert [leaf.text for leaf in leaves] == tree.words == expected_words(text, name)
    assert all(type(leaf) is Token and text[leaf.start : leaf.end] == leaf.text for leaf in leaves)
    assert all(one.end <= two.start for one, two in pairwise(leaves))
    assert plain(text) == plain("".join(tree.words))


@any_segmenter
@given(text=any_text, templates=any_templates)
def test_blocks_are_contiguous_and_inside_each_other(name: str, text: str, templates: dict[str, int]) -> None:
    root = TemplateParser(templates, segmenters[name]).parse(text).root
    for depth, block in root.blocks():
        assert depth <= 32
        if depth:
            assert block.children
        if block.children:
            assert block.start == block.children[0].start < block.end == block.children[-1].end
        for one, two in pairwise(block.children):
            assert one.end <= two.start
            assert not text[one.end : two.start].strip()


@any_segmenter
@given(text=any_text, templates=any_templates)
def test_each_block_has_a_child_for_each_word_and_slot_of_its_template(
    name: str, text: str, templates: dict[str, int]
) -> None:
    root = TemplateParser(templates, segmenters[name]).parse(text).root
    first, end = without_marks([leaf.text for leaf in root.leaves()])
    trailing = sum(1 for _ in root.leaves()) - end
    for depth, block in root.blocks():
        children = block.children if depth else block.children[first : len(block.children) - trailing]
        if block.template is None:
            assert all(isinstance(child, Token) for child in children)
            continue
        assert len(block.template.words) == len(children)
        for word, child in zip(block.template.words, children):
            assert isinstance(child, Block) if word is None else child.text == word
        if depth:
            assert block.template.words != (None,)  # that would be the block itself


@any_segmenter
@given(text=any_text, templates=any_templates, freest=shares)
def test_main_template_and_fillers_are_the_text(name: str, text: str, templates: dict[str, int], freest: float) -> None:
    tree = TemplateParser(templates, segmenters[name], freest=freest).parse(text)
    words = expected_words(text, name)
    first, end = without_marks(words)
    if first == end:
        assert (tree.template, tree.slots, tree.root.template) == (None, (), None)
        return
    assert tree.template is not None
    assert tree.template.slots == len(tree.slots)
    filled = iter(fillers(tree))
    parts = [next(filled) if word is None else word for word in tree.template.words]
    assert plain("".join(parts)) == plain("".join(words[first:end]))
    ends = [0, *(place for slot in tree.slots for place in slot), len(text)]
    assert ends == sorted(ends)
    for start, stop in tree.slots:
        assert start < stop
        assert text[start:stop] == text[start:stop].strip()
        if name == "regex":
            assert not set(text[start:stop]).intersection(MARKS)  # no slot goes on in the next sentence


@any_segmenter
@given(text=any_text, templates=any_templates, freest=shares)
def test_the_main_template_keeps_the_longest_slots(
    name: str, text: str, templates: dict[str, int], freest: float
) -> None:
    tree = TemplateParser(templates, segmenters[name], freest=freest).parse(text)
    blocks = [child for child in tree.root.children if isinstance(child, Block)]
    sizes = [sum(len(leaf.text) for leaf in block.leaves()) for block in blocks]
    kept = [(b.start, b.end) for b, size in zip(blocks, sizes) if size >= freest * max(sizes)]
    assert list(tree.slots) == kept
    assert bool(kept) == bool(blocks)
    if freest == 0:
        assert tree.template == tree.root.template


@any_segmenter
@given(text=any_text, templates=any_templates, freest=shares)
@example(text="\ud800 的 \x00", templates=COUNTS, freest=0)
def test_json_holds_the_tree(name: str, text: str, templates: dict[str, int], freest: float) -> None:
    tree = TemplateParser(templates, segmenters[name], freest=freest).parse(text)
    line = tree.to_json()
    assert "\n" not in line
    found = json.loads(line)
    assert found == tree.to_dict()
    assert list(found) == ["text", "words", "template", "slots", "tree"]
    assert (found["text"], found["words"], found["slots"]) == (text, tree.words, [list(slot) for slot in tree.slots])
    assert found["template"] == ([] if tree.template is None else list(tree.template.words))
    assert found["template"].count(None) == len(found["slots"])
    assert list(leaves_of(found["tree"])) == found["words"]


@any_segmenter
@given(text=any_text, templates=any_templates)
def test_parsing_again_gives_an_equal_tree(name: str, text: str, templates: dict[str, int]) -> None:
    parser = TemplateParser(templates, segmenters[name])
    tree = parser.parse(text)
    copied = pickle.loads(pickle.dumps(parser))
    assert copied.templates == parser.templates == Templates.from_counts(templates)
    for again in (parser.parse(text), copied.parse(text), pickle.loads(pickle.dumps(tree))):
        assert again == tree
        assert (hash(again), str(again), repr(again)) == (hash(tree), str(tree), repr(tree))


# ---------------------------------------------------------------------------------------------------- examples


def test_templates_inside_each_other() -> None:
    tree = TemplateParser(COUNTS, LEXICON).parse("苹果和雪梨的颜色是什么")
    assert str(tree.template) == "[X] 的 颜色 是 什么"
    assert (tree.slots, fillers(tree)) == (((0, 5),), ["苹果和雪梨"])
    block = tree.root.children[0]
    assert isinstance(block, Block)
    assert (str(block.template), block.start, block.end, deepest(tree)) == ("[X] 和 [X]", 0, 5, 2)
    words = [Block(None, (Token("苹果", 0, 2),)), Token("和", 2, 3), Block(None, (Token("雪梨", 3, 5),))]
    assert list(block.children) == words
    assert json.loads(tree.to_json()) == {
        "text": "苹果和雪梨的颜色是什么",
        "words": ["苹果", "和", "雪梨", "的", "颜色", "是", "什么"],
        "template": [None, "的", "颜色", "是", "什么"],
        "slots": [[0, 5]],
        "tree": {
            "template": [None, "的", "颜色", "是", "什么"],
            "children": [
                {
                    "template": [None, "和", None],
                    "children": [
                        {"template": None, "children": ["苹果"]},
                        "和",
                        {"template": None, "children": ["雪梨"]},
                    ],
                },
                *["的", "颜色", "是", "什么"],
            ],
        },
    }


def test_several_sentences() -> None:
    text = "苹果的颜色是什么？雪梨和苹果的颜色是什么！！"
    tree = TemplateParser(COUNTS, LEXICON, freest=0).parse(text)
    assert str(tree.template) == "[X] 的 颜色 是 什么 ？ [X] 的 颜色 是 什么"
    assert fillers(tree) == ["苹果", "雪梨和苹果"]
    assert tree.words[-1] == "！！"
    kept = TemplateParser(COUNTS, LEXICON).parse(text)
    assert (str(kept.template), fillers(kept)) == ("苹果 的 颜色 是 什么 ？ [X] 的 颜色 是 什么", ["雪梨和苹果"])
    assert kept.root == tree.root


def test_marks_before_a_sentence_belong_to_no_template() -> None:
    tree = TemplateParser(COUNTS, LEXICON).parse("……？苹果的颜色是什么。")
    assert (str(tree.template), fillers(tree)) == ("[X] 的 颜色 是 什么", ["苹果"])
    assert tree.words[0] == "……"


@pytest.mark.parametrize("text", ["", " \n\u3000", "。", "？！", " 。 ！\n……"])
def test_without_words_there_is_no_template(text: str) -> None:
    for segmenter in segmenters.values():
        tree = TemplateParser(COUNTS, segmenter).parse(text)
        assert (tree.template, tree.slots, tree.root.template) == (None, (), None)
        assert json.loads(tree.to_json())["template"] == []
        assert list(tree.root.blocks()) == [(0, tree.root)]
        assert plain("".join(tree.words)) == plain(text)


def test_without_templates_everything_is_still_a_word() -> None:
    tree = TemplateParser({}, str.split).parse("苹果 和 雪梨")
    assert tree.words == ["苹果", "和", "雪梨"]


def test_white_space_inside_slots_stays() -> None:
    tree = TemplateParser(COUNTS, str.split).parse(" 苹果  和\t雪梨 的 颜色 是 什么 ？ ")
    assert (tree.slots, fillers(tree)) == (((1, 9),), ["苹果  和\t雪梨"])


def test_marks_end_sentences() -> None:
    assert [is_mark(word) for word in (*MARKS, "？！", "……", "!!!")] == [True] * (len(MARKS) + 3)
    assert not any(map(is_mark, ("，", "、", ":", ".", "—", "什么", "K", "x。")))
    assert list(sentence_places([])) == list(sentence_places(["。"])) == []
    assert list(sentence_places(["。", "你", "！", "？", "好"])) == [(1, 2), (4, 5)]


@given(st.lists(st.sampled_from(["好", "的", "。", "？！", "，"]), max_size=12))
def test_sentences_are_what_stands_between_marks(words: list[str]) -> None:
    found = list(sentence_places(words))
    assert all(start < end for start, end in found)
    inside = [i for start, end in found for i in range(start, end)]
    assert inside == [i for i, word in enumerate(words) if word not in ("。", "？！")]
    assert all(any(map(is_mark, words[end:start])) for (_, end), (start, _) in pairwise(found))


# ------------------------------------------------------------------------------------------------------ freest


def test_freest_decides_what_the_main_template_keeps() -> None:
    text, templates = "长长长长长长长长长长 在 七七七七七七七 在 六六六六六六 在 一", {"[X] 在 [X] 在 [X] 在 [X]": 999}
    kept = {
        0: "[X] 在 [X] 在 [X] 在 [X]",
        0.1: "[X] 在 [X] 在 [X] 在 [X]",
        0.6: "[X] 在 [X] 在 [X] 在 一",
        0.7: "[X] 在 [X] 在 六六六六六六 在 一",
        0.71: "[X] 在 七七七七七七七 在 六六六六六六 在 一",
        FREEST: "[X] 在 七七七七七七七 在 六六六六六六 在 一",
        1: "[X] 在 七七七七七七七 在 六六六六六六 在 一",
    }
    trees = {share: TemplateParser(templates, str.split, freest=share).parse(text) for share in kept}
    assert {share: str(tree.template) for share, tree in trees.items()} == kept
    assert len({tree.root for tree in trees.values()}) == 1
    assert TemplateParser(templates, str.split).parse(text) == trees[FREEST]


@pytest.mark.parametrize("freest", [-0.001, 1.001, 5, float("nan"), float("inf"), -float("inf")])
def test_freest_is_a_share(freest: float) -> None:
    with pytest.raises(ValueError, match=f"^freest: expected a share from 0 to 1, found {re.escape(repr(freest))}$"):
        TemplateParser(COUNTS, str.split, freest=freest)


# ------------------------------------------------------------------------------------------------------ inputs


def test_templates_come_in_many_forms() -> None:
    text = "苹果 和 雪梨 的 颜色 是 什么"
    templates = Templates.from_counts(COUNTS)
    forms: list[Any] = [templates, COUNTS, templates.counts()]
    parsers = [TemplateParser(form, str.split) for form in forms]
    assert all(parser.templates == templates for parser in parsers)
    assert len({parser.parse(text) for parser in parsers}) == 1
    assert parsers[0].templates is templates
    once = Templates.from_counts(dict.fromkeys(COUNTS, 1))
    for form in (list(COUNTS), tuple(templates), iter(COUNTS), set(COUNTS), [*COUNTS, *templates], dict.keys(COUNTS)):
        assert TemplateParser(form, str.split).templates == once
    assert repr(parsers[0]) == "<TemplateParser: 2 templates>"
    gains = Templates([TemplateEntry(template, count, 5.0) for template, count in templates.counts().items()])
    assert TemplateParser(gains, str.split).parse(text) == parsers[0].parse(text)


@pytest.mark.parametrize(
    ("templates", "error", "message"),
    [
        (
            "[X] 和 [X]",
            TypeError,
            "templates: expected Templates, or templates with their counts, found str",
        ),
        (None, TypeError, "templates: expected Templates, or templates with their counts, found NoneType"),
        (5, TypeError, "templates: expected Templates, or templates with their counts, found int"),
        ({"[X] [X]": 1}, ValueError, "words: expected words between slots, found two slots side by side"),
        (["[X] [X]"], ValueError, "words: expected words between slots, found two slots side by side"),
        ({"[X] 和": -1}, ValueError, "entries: expected counts from 0 to 10 ** 15, found -1 for '[X] 和'"),
        ({5: 1}, TypeError, "templates: expected templates, each a Template or a str, found 5"),
        (
            {Template(("a b", None)): 1},
            ValueError,
            "entries: expected words without white space or lone surrogates that are no [X], found 'a b [X]'",
        ),
    ],
)
def test_what_are_no_templates_is_refused(templates: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=f"^{re.escape(message)}$"):
        TemplateParser(templates, str.split)


@pytest.mark.parametrize("templates", [[5], [None], [b"[X]"], [["[X]", "a"]], b"[X] a"])
def test_lists_hold_templates_or_how_they_are_written(templates: Any) -> None:
    with pytest.raises(TypeError):
        TemplateParser(templates, str.split)


def test_a_list_keeps_the_words_of_its_templates() -> None:
    with pytest.raises(ValueError, match="expected words without white space"):
        TemplateParser([Template(("a b", None))], str.split)  # as in a mapping


def lcut(text: str) -> list[str]:
    """As `jieba.lcut` does: all of the text in pieces."""
    return regex_pieces(text)


class Pairs:
    """A segmenter by its methods, as `Segmenter` asks for."""

    def words(self, text: str) -> list[str]:
        return text.split()

    def tokenize(self, text: str) -> list[tuple[str, int, int]]:
        return [(match[0], *match.span()) for match in re.finditer(r"\S+|\s+", text)]


@pytest.mark.parametrize("segmenter", [str.split, lcut, lambda text: iter(text.split()), Pairs()])
def test_functions_and_segmenters(segmenter: Callable[[str], list[str]]) -> None:
    text = " 苹果 和 雪梨\t的 颜色 是 什么"
    tree = TemplateParser(COUNTS, segmenter).parse(text)
    assert tree == TemplateParser(COUNTS, regex_words).parse(text)
    assert words_of(text, segmenter) == tree.words == [token.text for token in tokens(text, segmenter)]


def test_words_that_occur_twice_have_their_own_places() -> None:
    found = tokens("的的 的", lambda text: ["的", "", " ", "的", "的"])
    assert found == [Token("的", 0, 1), Token("的", 1, 2), Token("的", 3, 4)]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["梨"], "segmenter: expected words of the text in their order, found '梨' after ''"),
        (["苹果", "梨"], "segmenter: expected words of the text in their order, found '梨' after '苹果'"),
        (["和", "苹果"], "segmenter: expected words of the text in their order, found '苹果' after '苹果 和'"),
        (["苹果", "果"], "segmenter: expected words of the text in their order, found '果' after '苹果'"),
    ],
)
def test_functions_that_give_other_words_are_refused(words: list[str], message: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        TemplateParser(COUNTS, lambda text: words).parse("苹果 和")


def test_the_message_about_other_words_is_short_in_a_long_text() -> None:
    with pytest.raises(ValueError, match="found 'x' after") as caught:
        TemplateParser(COUNTS, lambda text: [*text.split(), "x"]).parse("苹果 " * 10_000)
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize(("segmenter", "found"), [(5, "int"), ("split", "str"), (None, "NoneType"), ([], "list")])
def test_what_cannot_segment_is_refused(segmenter: Any, found: str) -> None:
    message = f"^segmenter: expected a segmenter or a function from text to words, found {found}$"
    with pytest.raises(TypeError, match=message):
        TemplateParser(COUNTS, segmenter)


@any_segmenter
@pytest.mark.parametrize(("text", "found"), [(b"text", "bytes"), (None, "NoneType"), (["a"], "list")])
def test_only_str_is_parsed(name: str, text: Any, found: str) -> None:
    with pytest.raises(TypeError, match=f"^text: expected a str, found {found}$"):
        TemplateParser(COUNTS, segmenters[name]).parse(text)


def test_eight_threads_give_the_same() -> None:
    parser = TemplateParser(COUNTS, LEXICON)
    texts = ["苹果和雪梨的颜色是什么？" * size for size in range(1, 40)]
    expected = list(map(parser.parse, texts))
    with ThreadPoolExecutor(8) as pool:
        for found in pool.map(lambda _: list(map(parser.parse, texts)), range(8)):
            assert found == expected


# ------------------------------------------------------------------------------------------------ long and deep


def many_words(size: int) -> str:
    random_ = random.Random(5)
    words = ["的", "和", "颜色", "是", "什么", "？", *(f"词{i}" for i in range(60))]
    return " ".join(random_.choices(words, [20, 10, 3, 10, 3, 3, *[1] * 60], k=size))


FREQUENT = {"[X] 的 颜色 是 什么": 900, "[X] 和 [X]": 700, "[X] 的 [X]": 2000, "[X] 是 [X]": 500}


def all_forms(tree: SentenceTree) -> None:
    """Write the tree in all ways that there are."""
    assert list(leaves_of(json.loads(tree.to_json())["tree"])) == tree.words
    assert json.dumps(tree.to_dict())
    assert str(tree).count("\n") <= 33
    assert tree.to_svg().startswith("<svg ")
    assert repr(tree)
    assert pickle.loads(pickle.dumps(tree)) == tree


@pytest.mark.parametrize("size", [1_000, 20_000])
@pytest.mark.parametrize("marks", [True, False])
def test_long_texts(size: int, marks: bool) -> None:
    text = many_words(size) if marks else many_words(size).replace("？", "吗")
    tree = TemplateParser(FREQUENT, str.split, freest=0).parse(text)
    assert len(tree.words) == size
    assert len(tree.slots) > size // 50
    all_forms(tree)


@pytest.mark.parametrize("size", [1_000, 20_000])
def test_trees_are_32_deep_at_most(size: int) -> None:
    words = ["词", *(f"层{i}" for i in range(size))]
    templates = {f"[X] {word}": 9999 for word in words[1:]}
    tree = TemplateParser(templates, str.split).parse(" ".join(words))
    assert deepest(tree) == 32
    assert tree.words == words
    all_forms(tree)


def test_brackets_inside_each_other() -> None:
    opened, closed = [f"开{i}" for i in range(500)], [f"关{i}" for i in range(500)]
    templates = {f"{one} [X] {two}": 9999 for one, two in zip(opened, closed)}
    tree = TemplateParser(templates, str.split).parse(" ".join([*opened, "词", *closed[::-1]]))
    assert deepest(tree) <= 32
    assert fillers(tree) == ["词"]
    all_forms(tree)


def least(work: Callable[[], object]) -> float:
    """CPU time of the quickest of three runs."""
    times = []
    for _ in range(3):
        begun = time.process_time()
        work()
        times.append(time.process_time() - begun)
    return min(times)


@pytest.mark.parametrize(
    "text",
    [
        many_words(100),
        many_words(100).replace("？", "吗"),
        " ".join(["词", "的"] * 50),
        " ".join((["词", "和", "词", "的"] * 16)[:63] + ["？"] + ["的"] * 36),
        " ".join(["的"] * 100),
    ],
    ids=["sentences", "one sentence", "slots", "folded", "one word"],
)
def test_100_words_take_less_than_a_tenth_of_a_second(text: str) -> None:
    parser = TemplateParser(FREQUENT, str.split)
    assert len(text.split()) == 100
    assert least(lambda: parser.parse(text)) < 0.1


@pytest.mark.parametrize("marks", [True, False])
def test_time_is_linear(marks: bool) -> None:
    parser = TemplateParser(FREQUENT, str.split)
    texts = [many_words(size) if marks else many_words(size).replace("？", "吗") for size in (3_000, 12_000)]
    short, long = (steps(lambda text=text: parser.parse(text)) for text in texts)  # type: ignore[misc]
    assert long < 5 * short  # 4 is linear, 16 quadratic


def test_writing_takes_linear_time() -> None:
    parser = TemplateParser(FREQUENT, str.split)
    trees = [parser.parse(many_words(size)) for size in (3_000, 12_000)]
    for write in (str, SentenceTree.to_svg, SentenceTree.to_json):
        short, long = (steps(lambda tree=tree, write=write: write(tree)) for tree in trees)  # type: ignore[misc]
        assert long < 5 * short


@pytest.mark.parametrize("templates", [["[X] 的 [X] 是 多少"], {"[X] 的 [X] 是 多少": 1}], ids=["alone", "once"])
def test_templates_without_counts_are_frequent(templates: list[str] | dict[str, int]) -> None:
    tree = TemplateParser(templates, str.split, freest=0).parse("珠穆朗玛峰 的 高度 是 多少")
    assert str(tree.template) == "[X] 的 [X] 是 多少"
