"""Trees as people see them: columns of full-width text, brackets in their places, pictures that are XML."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from nlp_zero import SentenceTree, Template, TemplateParser, Token
from nlp_zero.sentences.block import Block
from nlp_zero.sentences.drawing import drawing, width, written

COUNTS = {"[X] 的 颜色 是 什么": 9, "[X] 和 [X]": 7}
PARSER = TemplateParser(COUNTS, str.split)
NAME = "{http://www.w3.org/2000/svg}"

Cells = dict[tuple[int, int], str | None]  # by first column and end; None for a slot

shown_words = st.sampled_from(
    ["苹果", "雪梨", "的", "K线", "3.5", "e\u0301t", "ｶﾞ", "Ｋ", "🍎", "，", "a", "。", "Louis"]
)


def block_of(words: list[str], shape: list[object]) -> Block:
    """A block: None in `shape` takes the next word, a list is a block that fills a slot."""
    text, end, tokens = " ".join(words), 0, []
    for word in words:
        start = text.index(word, end)
        end = start + len(word)
        tokens.append(Token(word, start, end))
    left = iter(tokens)

    def made(shape: list[object]) -> Block:
        children = tuple(made(part) if isinstance(part, list) else next(left) for part in shape)
        if all(isinstance(child, Token) for child in children):
            return Block(None, children)
        return Block(Template(tuple(None if isinstance(child, Block) else child.text for child in children)), children)

    return made(shape)


@st.composite
def shapes(draw: st.DrawFn, depth: int = 0) -> list[object]:
    """Words (None) and blocks, no two blocks side by side."""
    found: list[object] = []
    for inner in draw(st.lists(st.booleans(), min_size=1, max_size=4)):
        if not inner or depth > 3 or (found and isinstance(found[-1], list)):
            found.append(None)
        else:
            found.append(draw(shapes(depth=depth + 1)))
    return found


def size_of(shape: list[object]) -> int:
    return sum(size_of(part) if isinstance(part, list) else 1 for part in shape)


@st.composite
def roots(draw: st.DrawFn, words: st.SearchStrategy[str] = shown_words) -> Block:
    shape = draw(shapes())
    return block_of(draw(st.lists(words, min_size=size_of(shape), max_size=size_of(shape))), shape)


def expected_cells(root: Block) -> list[Cells]:
    """What stands in each row, by the words that it is about."""
    columns, column = {}, 0
    for leaf in root.leaves():
        columns[leaf] = column, column + width(leaf.text)
        column += width(leaf.text) + 1
    rows: list[Cells] = [{columns[leaf]: leaf.text for leaf in root.leaves()}]
    for depth, block in root.blocks():
        if block.template is None:
            continue
        while len(rows) < depth + 2:
            rows.append({})
        for child in block.children:
            leaves = [*child.leaves()] if isinstance(child, Block) else [child]
            place = columns[leaves[0]][0], columns[leaves[-1]][1]
            rows[depth + 1][place] = None if isinstance(child, Block) else child.text
    return rows


def found_cells(line: str) -> Iterator[tuple[tuple[int, int], str]]:
    """What stands in a line, with its columns."""
    for match in re.finditer(r"\S+", line):
        start = width(line[: match.start()])
        yield (start, start + width(match[0])), match[0]


# ------------------------------------------------------------------------------------------------------- width


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ("", 0),
        ("苹果", 4),
        ("Ｋ１，。", 8),  # full-width forms
        ("K1,.", 4),
        ("ｶﾞ", 2),  # half-width katakana, with its mark
        ("한글", 4),
        ("𠮷", 2),
        ("é", 1),
        ("e\u0301", 1),  # a combining mark
        ("a\u20dd", 1),
        ("\u200b\u200d\ufeff\u00ad", 0),
        ("\x00\x1b\x7f", 0),
        ("🍎", 2),
        ("👨\u200d👩", 4),
        ("兴\ufe00", 2),
        ("\u3000", 2),
        (" ", 1),
        ("苹果 K线", 8),
    ],
)
def test_width(text: str, columns: int) -> None:
    assert width(text) == columns


@given(st.text(), st.text())
def test_widths_add_up(one: str, two: str) -> None:
    assert width(one + two) == width(one) + width(two)
    assert 0 <= width(one) <= 2 * len(one)


# ----------------------------------------------------------------------------------------------------- written


@given(roots())
def test_everything_stands_at_the_columns_of_its_words(root: Block) -> None:
    lines = written(root).split("\n")
    rows = expected_cells(root)
    assert lines[0] == " ".join(leaf.text for leaf in root.leaves())
    assert len(lines) == len(rows)
    for line, row in zip(lines, rows):
        assert line == line.rstrip()
        found = dict(found_cells(line))
        assert list(found) == sorted(row)
        for place, text in found.items():
            expected = row[place]
            assert re.fullmatch(r"\[-*X-*\]|\[\]|X", text) if expected is None else text == expected


@given(st.lists(st.sampled_from("苹果 雪梨 的 颜色 是 什么 和 。 ？ ， K线 3.5".split()), max_size=20))
@example(["。", "苹果", "的", "颜色", "是", "什么"])
@example(["？", "！", "苹果", "和", "雪梨", "。"])
def test_parsed_texts_stand_at_the_columns_of_their_words(words: list[str]) -> None:
    tree = PARSER.parse(" ".join(words))
    lines = str(tree).split("\n")
    assert lines[0] == " ".join(words)
    columns, column = {}, 0
    for leaf in tree.root.leaves():
        columns[leaf.start], columns[leaf.end] = column, column + width(leaf.text)
        column += width(leaf.text) + 1
    second = dict(found_cells(lines[1])) if len(lines) > 1 else {}
    filled = [child for child in tree.root.children if isinstance(child, Block)]
    brackets = [place for place, text in second.items() if text not in words]
    assert brackets == [(columns[block.start], columns[block.end]) for block in filled]
    shown = [text for text in second.values() if text in words]
    assert shown == ([] if tree.root.template is None else list(tree.root.template.fixed))


GOLDEN = {
    "苹果 和 雪梨 的 颜色 是 什么": """\
苹果 和 雪梨 的 颜色 是 什么
[----X-----] 的 颜色 是 什么
[X-] 和 [X-]""",
    "K线 和 Louis 的 颜色 是 什么 ？ 再见 。": """\
K线 和 Louis 的 颜色 是 什么 ？ 再见 。
[----X-----] 的 颜色 是 什么 ？ [X-]
[X] 和 [-X-]""",
    "3.5 的 颜色 是 什么": """\
3.5 的 颜色 是 什么
[X] 的 颜色 是 什么""",
    "天 的 颜色 是 什么 ？ 珠穆朗玛峰 的 颜色 是 什么 ！": """\
天 的 颜色 是 什么 ？ 珠穆朗玛峰 的 颜色 是 什么 ！
[] 的 颜色 是 什么 ？ [---X----] 的 颜色 是 什么""",
    "x": "x\nX",
    "？ 苹果 的 颜色 是 什么": """\
？ 苹果 的 颜色 是 什么
   [X-] 的 颜色 是 什么""",
    "": "",
    "？ ！": "？ ！",
}


@pytest.mark.parametrize("text", GOLDEN)
def test_written(text: str) -> None:
    assert str(PARSER.parse(text)) == GOLDEN[text]
    assert written(PARSER.parse(text).root) == GOLDEN[text]


def test_fixed_words_alone_are_shown() -> None:
    tokens = Token("再见", 0, 2), Token("了", 2, 3)
    assert written(Block(Template(("再见", "了")), tokens)) == "再见 了\n再见 了"
    assert written(Block(None, tokens)) == "再见 了"


def test_marks_at_the_end_of_words() -> None:
    root = block_of(["e\u0301t", "和", "🍎"], [[None], None, [None]])
    assert written(root) == "e\u0301t 和 🍎\n[] 和 []"


# ----------------------------------------------------------------------------------------------------- pictures


def picture(svg: str) -> ET.Element:
    root = ET.fromstring(svg)
    assert root.tag == f"{NAME}svg"
    return root


def first_row(root: ET.Element) -> list[str]:
    """The words of the sentence; fixed words of templates are bold."""
    return [element.text or "" for element in root.iter(f"{NAME}text") if element.get("font-weight") is None]


def size(root: ET.Element) -> tuple[int, int]:
    wide, high = int(root.attrib["width"]), int(root.attrib["height"])
    assert root.attrib["viewBox"] == f"0 0 {wide} {high}"
    return wide, high


@given(roots())
def test_a_picture_holds_all_words_and_a_bracket_for_each_slot(root: Block) -> None:
    shown = picture(drawing(root))
    words = [leaf.text for leaf in root.leaves()]
    assert first_row(shown) == words
    assert shown.findtext(f"{NAME}title") == " ".join(words)
    rows = expected_cells(root)[1:]
    bold = [element.text for element in shown.iter(f"{NAME}text") if element.get("font-weight") == "bold"]
    assert sorted(map(str, bold)) == sorted(word for row in rows for word in row.values() if word is not None)
    assert len([*shown.iter(f"{NAME}path")]) == [word for row in rows for word in row.values()].count(None)


@given(roots())
def test_everything_in_a_picture_stands_above_or_below_its_words(root: Block) -> None:
    shown = picture(drawing(root))
    places = {(int(e.attrib["x"]), int(e.attrib["y"]), e.text) for e in shown.iter(f"{NAME}text")}
    lines = {e.attrib["d"] for e in shown.iter(f"{NAME}path")}
    rows = expected_cells(root)
    cells = [(row, start, end, word) for row, cells in enumerate(rows) for (start, end), word in cells.items()]
    assert places == {(6 + 8 * start, 26 + 30 * row, word) for row, start, _, word in cells if word is not None}
    brackets = [
        (8 + 8 * start, 14 + 30 * row, 8 * (end - start) - 4) for row, start, end, word in cells if word is None
    ]
    assert lines == {f"M{x} {y}v8h{wide}v-8" for x, y, wide in brackets}
    assert size(shown) == (12 + 8 * max(end for _, _, end, _ in cells), 12 + 30 * len(rows))


def test_a_picture_as_it_is() -> None:
    root = block_of(["苹果", "好"], [[None], None])
    style = "fill:none;stroke:currentColor;stroke-opacity:.55"
    assert drawing(root) == (
        '<svg xmlns="http://www.w3.org/2000/svg" role="img" width="68" height="72" viewBox="0 0 68 72" '
        'fill="currentColor" style="font-family:sans-serif;font-size:16px;max-width:none"><title>苹果 好</title>'
        '<text x="6" y="26" textLength="32" lengthAdjust="spacingAndGlyphs">苹果</text>'
        '<text x="46" y="26" textLength="16" lengthAdjust="spacingAndGlyphs">好</text>'
        f'<path d="M8 44v8h28v-8" style="{style}"/>'
        '<text x="46" y="56" textLength="16" lengthAdjust="spacingAndGlyphs" font-weight="bold">好</text></svg>'
    )


@pytest.mark.parametrize("name", ["str", "svg"])
def test_marks_before_a_sentence_move_nothing(name: str) -> None:
    plain, marked = PARSER.parse("苹果 和 雪梨 的 颜色 是 什么"), PARSER.parse("！ 苹果 和 雪梨 的 颜色 是 什么")
    if name == "str":
        assert [line[3:] for line in str(marked).split("\n")[1:]] == str(plain).split("\n")[1:]
    else:
        found = [(e.tag, e.text) for e in picture(marked.to_svg()).iter() if e.get("font-weight") or "path" in e.tag]
        assert found == [
            (e.tag, e.text) for e in picture(plain.to_svg()).iter() if e.get("font-weight") or "path" in e.tag
        ]


def whole(text: str) -> list[str]:
    """The text as one word."""
    return [text]


@pytest.mark.parametrize("word", ["<img src=x onerror=alert(1)>", "</title><script>1</script>", "&amp;", "\"'>", "]]>"])
def test_text_of_users_is_escaped(word: str) -> None:
    for templates in ({}, {word.replace(" ", ""): 9}, COUNTS):
        svg = TemplateParser(templates, whole).parse(word).to_svg()
        shown = picture(svg)
        assert first_row(shown) == [word]
        assert shown.findtext(f"{NAME}title") == word
        assert {element.tag for element in shown.iter()} <= {NAME + name for name in ("svg", "title", "text", "path")}
        assert "<img" not in svg
        assert "<script" not in svg


@given(st.text(st.characters() | st.sampled_from("<>&\"'\x00\x1b\x7f\x9f\ud800\udfff\ufffe\uffff"), min_size=1))
@example("\ufffe")
@example("\uffff")
@example("\x00\x08\x0b\x1f\x7f\x80\x9f")
@example("\ud800\udc00 \udfff")
def test_any_text_makes_a_picture(text: str) -> None:
    tree = TemplateParser(COUNTS, whole).parse(text)
    svg = tree.to_svg()
    shown = picture(svg)
    assert len(first_row(shown)) == len(tree.words)
    picture(svg.encode("utf-8").decode("utf-8"))  # it can be written to a file


def test_control_characters_are_shown_as_such() -> None:
    svg = TemplateParser(COUNTS, whole).parse("a\x00b\x1b[1mc\ud800").to_svg()
    assert first_row(picture(svg)) == ["a\ufffdb\ufffd[1mc\ufffd"]


def test_pictures_grow_with_words_and_depth() -> None:
    one, more = (size(picture(PARSER.parse(text).to_svg())) for text in ("苹果", "苹果 的 颜色 是 什么"))
    nested = size(picture(PARSER.parse("苹果 和 雪梨 的 颜色 是 什么").to_svg()))
    plain = size(picture(drawing(Block(None, (Token("苹果", 0, 2),)))))
    assert one[0] < more[0] < nested[0]
    assert plain[1] < one[1] == more[1] < nested[1]
    assert plain[0] == one[0]


def test_empty_pictures() -> None:
    shown = picture(PARSER.parse("").to_svg())
    assert first_row(shown) == []
    assert min(size(shown)) > 0


@given(roots())
def test_notebooks_show_the_picture(root: Block) -> None:
    tree = SentenceTree(" ".join(leaf.text for leaf in root.leaves()), root, root.template, ())
    assert tree._repr_html_() == tree.to_svg() == drawing(root)
    assert str(tree) == written(root)
