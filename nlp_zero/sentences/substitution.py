"""Learning templates from text of a closed vocabulary, where words recur that fill slots.

Input: sentences as words. Output: the sentences as they are read, and what reads more of them.

How varied the neighbours of a word are tells little there: fillers are as frequent as fixed words, and fixed words
stand beside fillers of one kind. What tells them apart is what can be substituted. Fixed words come together: where
one is, the others are. A filler occurs in other templates too, with other fillers in its place. So templates start
from pairs of words that attract each other, and are generalised to hosts (`families`), which have a slot where they
have words, as long as the fillers are phrases that occur in other slots as well (`phrases`).
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from math import inf, log
from typing import Final

from .families import Replaced, explained, hosts, instances_by_share, instances_of_families, moved, speaking
from .matching import Match, Matcher, placed
from .phrases import BARRIERS, Phrases, Unigrams, WordCosts
from .readings import Read, entropy, free_spans, with_dominating
from .template import TemplateWords, frame_of, in_order, is_writable

__all__ = ["WholeReader", "by_substitution", "normalised"]

Words = list[str]
_DIGITS: Final = re.compile(r"[0-9０-９]+")
_NUMBER: Final = re.compile(r"[0.,．，%％]*0[0.,．，%％]*")
_CLOSING: Final = frozenset("”』」’）)")  # of the sentence before
_TOGETHER: Final = 0.3  # share of the sentences of the rarer word of a pair that both stand in
_LIFT: Final = 1.5  # how much more often than by chance
_LONG: Final = 64  # words of a sentence
_AT_FIRST_AS_THEY_ARE: Final = 0.05  # share of the sentences whose frames recur, before any is generalised
_AT_FIRST: Final = 0.15  # share of the sentences that templates of two words explain at first, if there are any
_ROUNDS: Final = 3  # of learning what is not explained yet
_REFINED: Final = 4  # rounds of generalising
_SURPRISE: Final = 3.0  # how much more frequent a fixed word is in what is not explained than in slots
_OF_ITS_WORD: Final = 0.15  # share of a word's sentences that a template of this word alone explains
_OPENING_WORDS: Final = 4
_OPENED: Final = 12.0  # least perplexity of the templates after an opening
_WORTH: Final = 9.0  # nats for each sentence that a template must save over its host
_SMALL: Final = 0.25  # share of its host, up to which a template must save more
_DOMINANT: Final = 0.8  # share of a family, from which on a template is no instance: its words are fixed
_SPECIAL: Final = 0.03  # least share of a template's sentences that a more special one is tried for
_EDGE: Final = 3  # words of a filler that are tried as fixed
_SAMPLED: Final = 40  # sentences that tell what a template saves
_STRANGE: Final = 1.6  # pairs of words in the slots of a sentence that stand in those of no other template
_DISPENSABLE: Final = 6.0  # nats for each sentence that its template saves over all others


def normalised(words: Sequence[str]) -> Words:
    """The words of a sentence as they are compared.

    Digits are one (``0``), a number is one word with its unit, and a mark that closes the sentence before is left out.

    Examples
    --------
    >>> normalised(["”", "全长", "61,919", "公里", "，", "共", "3", "站", "5", "7"])
    ['全长', '0,0公里', '，', '共', '0站', '0', '0']
    """
    found: Words = []
    number = False
    for word in words[len(words) > 1 and words[0] in _CLOSING :]:
        same = _DIGITS.sub("0", word)
        if number and same == word and word not in BARRIERS:
            found[-1] += word  # its unit
            number = False
        else:
            number = _NUMBER.fullmatch(same) is not None
            found.append(same)
    return found


def _is_fixable(word: str) -> bool:
    return "0" not in word and word not in BARRIERS and is_writable(word)


class WholeReader:
    """Reads sentences as instances of one template as a whole, or of none.

    Parameters
    ----------
    matcher
        Of the templates.
    openings
        What may stand before any of them.
    """

    def __init__(self, matcher: Matcher, openings: frozenset[tuple[str, ...]]) -> None:
        self._matcher, self._openings = matcher, openings

    def read(self, words: Sequence[str]) -> Read | None:
        """The sentence, normalised and without its opening, with the slots of its template."""
        known = _opened(normalised(words), self._openings)
        match = self._matcher.match(known) if len(known) <= _LONG else None
        return None if match is None else Read(known, match.slots)


def by_substitution(sentences: Iterable[Sequence[str]], least: int) -> tuple[list[Read | None], WholeReader]:
    """Learn to read sentences.

    Parameters
    ----------
    sentences
        Their words.
    least
        The least number of sentences of a template; pairs of fixed words occur as often.

    Returns
    -------
    The sentences as they are read, None for those that have no template; and what reads more of them. Nothing is
    learnt from text that has no such templates: where those of two fixed words explain too little at first.

    Notes
    -----
    Time O(n k) for n words and k templates that share their rarest word; a few rounds, each over all sentences. Those
    of more than 64 words are left out: no template has them as a whole.
    """
    learning = _Learning([normalised(words) for words in sentences], least)
    if not learning.start():
        return [None] * learning.number, learning.reader()
    for _ in range(_ROUNDS):
        learning.explain_the_rest()
    learning.leave_out_openings()
    for refined in range(_REFINED):
        if refined:
            learning.specialise()
        learning.generalise()
        if refined < _REFINED - 1:
            learning.explain_again()
        learning.prune()
    return learning.readings(), learning.reader()


class _Learning:
    """What is known while templates are learnt.

    Attributes
    ----------
    sentences
        Their words, normalised.
    templates
        How many sentences each explains: at least `least`.
    matches
        The template of each sentence, and its slots; None if it has none.
    """

    def __init__(self, sentences: list[Words], least: int) -> None:
        self.sentences = [words if len(words) <= _LONG else [] for words in sentences]
        self.number, self.least = len(sentences), least
        self._count()
        self._openings: frozenset[tuple[str, ...]] = frozenset()
        self._model: WordCosts = Unigrams(self._words)
        self.templates: dict[TemplateWords, int] = {}
        self.matches: list[Match | None] = [None] * self.number

    def _count(self) -> None:
        """Count words, and the sentences that they stand in."""
        self._words = Counter(word for words in self.sentences for word in words)
        self._spread = Counter(word for words in self.sentences for word in dict.fromkeys(words))

    def reader(self) -> WholeReader:
        """What reads more sentences like these."""
        return WholeReader(self._matcher(self.templates), self._openings)

    def readings(self) -> list[Read | None]:
        """The sentences with their slots."""
        return [
            None if match is None else Read(words, match.slots) for words, match in zip(self.sentences, self.matches)
        ]

    # ---------------------------------------------------------------------------------------------- first frames

    def start(self) -> bool:
        """Templates from pairs of words that attract each other; whether there are any worth more."""
        fixed = self._attracted()
        frames = self._frames([self._free(words, fixed) for words in self.sentences])
        if sum(count for count in frames.values() if count >= self.least) < _AT_FIRST_AS_THEY_ARE * self.number:
            return False
        self._assign(moved(frames, instances_by_share(frames, frames)))
        return bool(self.templates) and explained(self.templates) >= _AT_FIRST * self.number

    def _attracted(self) -> set[str]:
        """Words that stand in one order in most sentences of the rarer one, more often than by chance."""
        spread, least = self._spread, self.least
        pairs = Counter[tuple[str, str]]()
        for words in self.sentences:
            common = [word for word in words if spread[word] >= least and _is_fixable(word)]
            pairs.update({(one, other) for i, one in enumerate(common) for other in common[i + 1 :]})
        return {
            word
            for (one, other), count in pairs.items()
            if count >= max(least, _TOGETHER * min(spread[one], spread[other]))
            and one != other
            and count * self.number >= _LIFT * spread[one] * spread[other]
            for word in (one, other)
        }

    def _free(self, words: Words, fixed: set[str]) -> tuple[tuple[int, int], ...]:
        return free_spans(word not in fixed and word not in BARRIERS for word in words)

    def _frames(self, readings: Sequence[tuple[tuple[int, int], ...]]) -> Counter[TemplateWords]:
        """The frames of readings, dominating words fixed."""
        better = with_dominating(self.sentences, readings, self.least, _is_fixable)
        return Counter(map(frame_of, self.sentences, better))

    # ----------------------------------------------------------------------------------------------------- rounds

    def explain_the_rest(self, refused: Collection[TemplateWords] = ()) -> None:
        """Learn from the sentences that no good template explains, after some templates are refused."""
        if refused:
            self._assign({template: n for template, n in self.templates.items() if template not in refused})
        good = {template for template, count in self.templates.items() if self._is_solid(template, count)}
        matches = [match if match and match.template in good else None for match in self.matches]
        in_slots, elsewhere = Counter[str](), Counter[str]()
        for words, match in zip(self.sentences, matches):
            if match is None:
                elsewhere.update(words)
            else:
                for start, end in match.slots:
                    in_slots.update(words[start:end])
        factor = _SURPRISE * elsewhere.total() / max(in_slots.total(), 1)
        fixed = {
            word
            for word, count in elsewhere.items()
            if count >= self.least and _is_fixable(word) and count >= factor * (in_slots[word] + 0.5)
        }
        frames = self._frames(
            [match.slots if match else self._free(words, fixed) for words, match in zip(self.sentences, matches)]
        )
        rare = [frame for frame, count in frames.items() if count < self.least]
        found = moved(frames, instances_by_share(frames, rare))
        self._assign({template: count for template, count in found.items() if template not in refused})

    def explain_again(self) -> None:
        """Refuse the templates that are too general, and learn from what they explained."""
        self._model_phrases()
        self.explain_the_rest(self._strange())

    def _is_solid(self, template: TemplateWords, count: int) -> bool:
        """Whether a template says more than that its only word stands there."""
        fixed = [word for word in template if word is not None and word not in BARRIERS]
        return len(fixed) > 1 or count >= _OF_ITS_WORD * self._spread[fixed[0]]

    def leave_out_openings(self) -> None:
        """Find what opens sentences of many templates alike (另外，), and leave it out."""
        found = Counter[tuple[str, ...]]()
        for words in self.sentences:
            opening = _opening(words)
            if opening and all(map(_is_fixable, opening[:-1])):
                found[opening] += 1
        after: defaultdict[tuple[str, ...], Counter[TemplateWords]] = defaultdict(Counter)
        matcher = self._matcher(self.templates)
        for words in self.sentences:
            opening = _opening(words)
            if found[opening] >= self.least:
                match = matcher.match(words[len(opening) :])
                if match:
                    after[opening][match.template] += 1
        self._openings = frozenset(
            opening
            for opening, templates in after.items()
            if templates.total() >= 0.5 * found[opening] and entropy(templates) > log(_OPENED)
        )
        self.sentences = [_opened(words, self._openings) for words in self.sentences]
        self._count()
        self._assign(self.templates)

    # ------------------------------------------------------------------------------------------------- generalising

    def generalise(self) -> None:
        """Take templates for instances of their hosts where they save too little."""
        self._model_phrases()
        replaced = self._instances()
        for template, host in instances_of_families(self.templates).items():
            replaced.setdefault(template, host)
        self._assign(moved(self.templates, replaced))

    def _instances(self) -> Replaced:
        """The templates that save too little over one of their hosts, and that host."""
        counts = self.templates
        hosts_of = {template: dict.fromkeys(host.template for host in hosts(template)) for template in counts}
        members, wholes = Counter[TemplateWords](), Counter(counts)
        for template, count in counts.items():
            for general in hosts_of[template]:
                members[general] += 1
                wholes[general] += count
        examples = self._examples()
        found: Replaced = {}
        for template, count in counts.items():
            best: tuple[float, list[str], TemplateWords] | None = None
            costs = [self._model.costs(words) for words, _ in examples[template]]
            own = sum(cost(a, b) for cost, (_, match) in zip(costs, examples[template]) for a, b in match.slots)
            for general in hosts_of[template]:
                alone, whole = counts.get(general, 0), wholes[general]
                fewer = general.count(None) < template.count(None)
                if (
                    not speaking(general)
                    or not (alone or members[general] > 1)
                    or count >= _DOMINANT * whole
                    or (fewer and alone < _SMALL * count)
                ):
                    continue
                placements = [placed(general, words, cost) for (words, _), cost in zip(examples[template], costs)]
                as_general = sum(placement.cost if placement else inf for placement in placements)
                saved = (as_general - own) / len(costs) + log(count / whole) + log(count / self.least)
                small = count < _SMALL * alone and (speaking(general) > 1 or saved < 2.5 * _WORTH)
                if saved < _WORTH or (small and saved < inf):
                    this = saved, in_order(general), general
                    best = this if best is None else min(best, this)
            if best:
                found[template] = best[2]
        return found

    def specialise(self) -> None:
        """Try templates with more fixed words: what often begins or ends the fillers of a slot."""
        self._model_phrases()
        found = Counter[tuple[TemplateWords, TemplateWords]]()
        for words, match in self._instances_of_templates():
            found.update((special, match.template) for special in dict.fromkeys(_special(words, match)))
        tried: dict[TemplateWords, int] = {}
        for (special, template), count in found.items():
            whole = self.templates[template]
            often = max(2 * self.least, _SPECIAL * whole) <= count < _DOMINANT * whole
            if (
                often
                and special not in self.templates
                and all(word is None or word in template or _is_fixable(word) for word in special)
            ):
                tried[special] = max(tried.get(special, 0), count)
        self._assign(self.templates | tried)

    def _strange(self) -> list[TemplateWords]:
        """Templates whose slots hold much that no other template's slots hold: they are too general."""
        pairs: dict[TemplateWords, Counter[tuple[str, str]]] = {template: Counter() for template in self.templates}
        for words, match in self._instances_of_templates():
            for start, end in match.slots:
                pairs[match.template].update(zip(words[start:end], words[start + 1 : end]))
        spread = Counter(pair for of_one in pairs.values() for pair in of_one)
        return [
            template
            for template, of_one in pairs.items()
            if sum(count for pair, count in of_one.items() if spread[pair] == 1) > _STRANGE * self.templates[template]
        ]

    def prune(self) -> None:
        """Leave out the templates whose sentences the others explain almost as well, the rarest first."""
        self._model_phrases()
        matcher = self._matcher(self.templates)
        examples = self._examples()
        gone: set[TemplateWords] = set()
        for template in sorted(self.templates, key=lambda words: (self.templates[words], in_order(words))):
            lost = 0.0
            for words, match in examples[template]:
                costs = self._model.costs(words)
                own = matcher.cost(template) + sum(costs(start, end) for start, end in match.slots)
                others = (
                    matcher.cost(other) + placement.cost
                    for other in matcher.candidates(words)
                    if other != template and other not in gone and (placement := placed(other, words, costs))
                )
                lost += min(min(others, default=inf) - own, 50.0)
            if lost < _DISPENSABLE * len(examples[template]):
                gone.add(template)
        self._assign({template: count for template, count in self.templates.items() if template not in gone})

    # ------------------------------------------------------------------------------------------------------- common

    def _matcher(self, templates: Mapping[TemplateWords, int]) -> Matcher:
        return Matcher(templates, self.number, self._spread, self._model)

    def _assign(self, tried: Mapping[TemplateWords, int]) -> None:
        """Read all sentences with templates; keep those that explain enough of them."""
        matcher = self._matcher(
            {template: count for template, count in tried.items() if count >= self.least and speaking(template)}
        )
        known: dict[tuple[str, ...], Match | None] = {}  # sentences recur in such text
        self.matches = []
        for words in self.sentences:
            key = tuple(words)
            if key not in known:
                known[key] = matcher.match(words)
            self.matches.append(known[key])
        counts = Counter(match.template for match in self.matches if match)
        self.templates = {template: count for template, count in counts.items() if count >= self.least}

    def _instances_of_templates(self) -> Iterator[tuple[Words, Match]]:
        """The sentences that templates explain."""
        for words, match in zip(self.sentences, self.matches):
            if match and match.template in self.templates:
                yield words, match

    def _model_phrases(self) -> None:
        """Learn what phrases fill slots."""
        fillers: dict[TemplateWords, list[Words]] = {template: [] for template in self.templates}
        for words, match in self._instances_of_templates():
            fillers[match.template] += [words[start:end] for start, end in match.slots]
        self._model = Phrases(fillers.values(), len(self._words))

    def _examples(self) -> dict[TemplateWords, list[tuple[Words, Match]]]:
        """Some sentences of each template, evenly spread."""
        found: dict[TemplateWords, list[tuple[Words, Match]]] = {template: [] for template in self.templates}
        for words, match in self._instances_of_templates():
            found[match.template].append((words, match))
        return {template: all_[:: max(1, len(all_) // _SAMPLED)][:_SAMPLED] for template, all_ in found.items()}


def _special(words: Words, match: Match) -> Iterator[TemplateWords]:
    """The templates with some words fixed that begin or end a filler, and stand beside a fixed word."""
    template = match.template
    places = (place for place, word in enumerate(template) if word is None)
    for place, (start, end) in zip(places, match.slots):
        before, after = template[:place], template[place + 1 :]
        for size in range(1, min(_EDGE, end - start - 1) + 1):
            if before:
                yield (*before, *words[start : start + size], None, *after)
            if after:
                yield (*before, None, *words[end - size : end], *after)


def _opening(words: Words) -> tuple[str, ...]:
    """What stands before the first comma, and it; nothing if that is long or all."""
    head = words[: _OPENING_WORDS + 1]
    end = head.index("，") + 1 if "，" in head else 0
    return tuple(head[:end]) if 1 < end < len(words) else ()


def _opened(words: Words, openings: frozenset[tuple[str, ...]]) -> Words:
    """A sentence without its opening."""
    opening = _opening(words)
    return words[len(opening) :] if opening in openings else words
