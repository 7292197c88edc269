"""Classes of characters, and how text becomes units."""

from __future__ import annotations

import sys
import unicodedata

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from nlp_zero.core.symbols import (
    C_DIGIT,
    C_HAN,
    C_LATIN,
    C_LETTER,
    C_SPACE,
    FIRST_FORM,
    FIRST_SYMBOL,
    LATIN,
    LETTERS,
    NUMBER,
    SPACE,
)
from nlp_zero.text.characters import (
    CLASS_NAMES,
    HAN_RANGES,
    UNICODE_VERSION,
    character_classes,
    codes_of,
    is_han,
    symbols_of,
    symbols_of_all,
    units,
    word_of,
)

any_text = st.text(st.characters(exclude_categories=()), max_size=60)  # lone surrogates and unassigned included
curious_text = st.text("中国〇𠮷39８.,，%aＡé \n\u3000—…★👨\u200d\ufe0f\u0301🇨\x00\ud800", max_size=30)


def pieces(text: str) -> list[str]:
    starts = units(text).starts.tolist()
    return [text[i:j] for i, j in zip(starts, starts[1:])]


# --------------------------------------------------------------------------------------------------- classes


def test_the_han_table_names_its_version_and_is_sorted() -> None:
    assert UNICODE_VERSION == "17.0.0"
    ends = [end for block in HAN_RANGES for end in block]
    assert ends == sorted(ends) and all(first <= last for first, last in HAN_RANGES)


@pytest.mark.parametrize(("first", "last"), HAN_RANGES, ids=[f"{a:X}-{b:X}" for a, b in HAN_RANGES])
def test_the_ends_of_every_han_block(first: int, last: int) -> None:
    classes = character_classes()
    assert (classes[first : last + 1] == C_HAN).all()
    assert is_han(chr(first)) and is_han(chr(last))
    assert not is_han(chr(first - 1)) and not is_han(chr(last + 1))
    assert units(chr(last)).symbols.tolist() == [last]


def test_han_covers_all_that_python_calls_an_ideograph() -> None:
    table = {code for first, last in HAN_RANGES for code in range(first, last + 1)}
    named = {
        code
        for code in range(sys.maxunicode + 1)
        if unicodedata.name(chr(code), "").startswith(("CJK UNIFIED IDEOGRAPH", "CJK COMPATIBILITY IDEOGRAPH"))
    }
    assert named <= table
    # the rest of the table: the two marks, and what the running Python does not know yet
    assert {code for code in table - named if unicodedata.category(chr(code)) != "Cn"} == {0x3005, 0x3007}
    assert set(np.flatnonzero(character_classes() == C_HAN).tolist()) == table


def test_white_space_is_what_python_calls_so() -> None:
    spaces = [code for code in range(sys.maxunicode + 1) if chr(code).isspace()]
    assert np.flatnonzero(character_classes() == C_SPACE).tolist() == spaces


@pytest.mark.parametrize(
    ("characters", "kind"),
    [("0９", C_DIGIT), ("azAZéßĳＡｚﬁªº", C_LATIN), ("Жاहすアー한ᄀⅣ²", C_LETTER)],
)
def test_some_classes(characters: str, kind: int) -> None:
    assert {c: int(character_classes()[ord(c)]) for c in characters} == dict.fromkeys(characters, kind)


def test_the_table_cannot_be_changed() -> None:
    assert character_classes().shape == (0x110000,)
    with pytest.raises(ValueError):
        character_classes()[0] = 1


@pytest.mark.parametrize(
    ("text", "expected"),
    [("", False), ("中", True), ("中国〇々𠮷", True), ("中 国", False), ("K线", False), ("す", False), ("，", False)],
)
def test_is_han(text: str, expected: bool) -> None:
    assert is_han(text) is expected


# ----------------------------------------------------------------------------------------------------- units

EXAMPLES = """
1998年|1998 年
１９９８年|１９９８ 年
3.14|3.14
3．14|3．14
1,234|1,234
1,234,567.5%|1,234,567.5%
12,34|12 , 34
1234,567|1234 , 567
1,2345|1 , 2345
１，２３４|１，２３４
100，200|100 ， 200
１００，200|１００ ， 200
23.4%，|23.4% ，
５％‰|５％ ‰
1..2|1 .. 2
7.|7 .
.5|. 5
1.2.3|1.2.3
阿卜杜拉·本·1·2|阿 卜 杜 拉 · 本 · 1·2
Java7.0.|Java 7.0 .
——……！！|—— …… ！！
！？！|！ ？ ！
K线图——5G|K 线 图 —— 5 G
*ST舜船|* ST 舜 船
5w-30|5 w - 30
糖类抗原19-9|糖 类 抗 原 19 - 9
SK-II|SK - II
A股账户|A 股 账 户
DDR5|DDR 5
AK47|AK 47
女性员工23,876人，占比23.4%|女 性 员 工 23,876 人 ， 占 比 23.4%
一点七八|一 点 七 八
大黄䓬虫|大 黄 䓬 虫
𠮷野家|𠮷 野 家
动物防疫法(修订版)_全文|动 物 防 疫 法 ( 修 订 版 ) _ 全 文
すし안녕Привет|すし안녕Привет
cafe\u0301的|cafe\u0301 的
中\ufe00国|中\ufe00 国
👨\u200d👩\u200d👧|👨\u200d👩\u200d👧
🙋🏽🙋|🙋🏽 🙋
🇨🇳🇯🇵🇨|🇨🇳 🇯🇵 🇨
★★☆|★★ ☆
\ud800中\ud800\ud800|\ud800 中 \ud800\ud800
\x00\x00中|\x00\x00 中
"""
CASES = [tuple(line.split("|")) for line in EXAMPLES.strip("\n").split("\n")]


@pytest.mark.parametrize(("text", "expected"), CASES, ids=[ascii(text) for text, _ in CASES])
def test_units(text: str, expected: str) -> None:
    assert pieces(text) == expected.split(" ")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Louis Vuitton", ["Louis", " ", "Vuitton"]),
        ("Edu Trust认证", ["Edu", " ", "Trust", "认", "证"]),
        ("賽歐3 1.5手動", ["賽", "歐", "3", " ", "1.5", "手", "動"]),
        ("饰品   有限", ["饰", "品", "   ", "有", "限"]),
        ("回复  踩1,顶19 ", ["回", "复", "  ", "踩", "1", ",", "顶", "19", " "]),
        ("好，🙋 我们", ["好", "，", "🙋", " ", "我", "们"]),
        ("甲\r\n\u3000乙", ["甲", "\r\n\u3000", "乙"]),
        (" \u0301甲", [" ", "\u0301", "甲"]),  # no mark on white space
        ("", []),
    ],
)
def test_units_with_white_space(text: str, expected: list[str]) -> None:
    assert pieces(text) == expected


def test_symbols_of_units() -> None:
    text = "中5.0%Ab す，𠮷"
    assert units(text).symbols.tolist() == [0x4E2D, NUMBER, LATIN, SPACE, LETTERS, 0, 0x20BB7]
    in_run = units(text).symbols >= FIRST_SYMBOL
    assert in_run.tolist() == [True, True, True, False, False, False, True]


@given(any_text | curious_text)
@example("")
@example("\ud800")
@example("\U0010ffff\x00")
def test_units_are_the_text(text: str) -> None:
    starts, symbols = units(text)
    assert starts[0] == 0 and starts[-1] == len(text)
    assert (np.diff(starts) > 0).all() and len(symbols) == len(starts) - 1
    assert "".join(pieces(text)) == text
    assert codes_of(text).tolist() == [ord(c) for c in text]


@given(any_text | curious_text)
def test_white_space_is_never_inside_another_unit(text: str) -> None:
    for piece, symbol in zip(pieces(text), units(text).symbols.tolist()):
        assert piece.isspace() is (symbol == SPACE)
        assert symbol == SPACE or not any(map(str.isspace, piece))


# ----------------------------------------------------------------------------------------- words and symbols


@pytest.mark.parametrize(
    ("word", "symbols"),
    [
        ("", []),
        ("中国", [0x4E2D, 0x56FD]),
        ("𠮷", [0x20BB7]),
        ("<NUM>年", [NUMBER, 0x5E74]),
        ("<LAT><NUM><NUM>", [LATIN, NUMBER, NUMBER]),
        ("1998年", [NUMBER, 0x5E74]),
        ("K线", [LATIN, 0x7EBF]),
        ("<NUM", [0, LATIN]),
        ("<num>", [0, LATIN, 0]),
    ],
)
def test_symbols_of(word: str, symbols: list[int]) -> None:
    found = symbols_of(word)
    assert found.dtype == np.uint32
    assert found.tolist() == symbols


def test_symbols_of_forms() -> None:
    asked: list[tuple[str, int]] = []

    def form(text: str, symbol: int) -> int:
        asked.append((text, symbol))
        return FIRST_FORM + len(asked)

    assert symbols_of("K线<LAT>5.0%", form).tolist() == [FIRST_FORM + 1, 0x7EBF, LATIN, FIRST_FORM + 2]
    assert asked == [("K", LATIN), ("5.0%", NUMBER)]


@given(st.lists(st.text(st.sampled_from("中国，5aK% <"), max_size=5).map(str.strip).filter(bool), max_size=9))
def test_symbols_of_all_are_those_of_each(words: list[str]) -> None:
    found = symbols_of_all([*words, "<NUM>年"])
    for i, word in enumerate([*words, "<NUM>年"]):
        own = symbols_of(word).tolist()
        assert found.symbols[found.starts[i] :][: found.lengths[i]].tolist() == own
        assert bool(found.whole[i]) == all(symbol >= FIRST_SYMBOL for symbol in own)


@given(st.lists(st.sampled_from([0x4E2D, 0x56FD, 0x3007, 0x20BB7, *CLASS_NAMES]), max_size=12))
def test_symbols_and_words_are_inverse(symbols: list[int]) -> None:
    word = word_of(symbols)
    assert symbols_of(word).tolist() == symbols
    assert word_of(symbols_of(word)) == word
