"""Families of templates: those that differ in what stands at one place, where a host has a slot.

Input: templates with counts. Output: which templates are but instances of a more general one, their host.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from math import exp
from typing import Final, NamedTuple

from .phrases import BARRIERS
from .readings import entropy
from .template import Span, TemplateWords, in_order

__all__ = ["Host", "Replaced", "explained", "hosts", "instances_by_share", "instances_of_families", "moved", "speaking"]

_LONG: Final = 24  # words and slots; longer frames are no instances of anything that recurs
_LONGEST: Final = 3  # words at the place where the members of a family differ
_MEMBERS: Final = 4.0  # least perplexity of the members
_LARGEST: Final = 0.4  # share of a family, from which on a member stands by itself

#: Which templates are instances of which other one.
Replaced = dict[TemplateWords, TemplateWords]


class Host(NamedTuple):
    """A template with a slot in place of a part of another one.

    Attributes
    ----------
    template
        The host.
    part
        What the slot stands for: from a fixed word to a fixed word. Slots beside it are taken up by the slot too.
    place
        Of the slot, in the host.
    """

    template: TemplateWords
    part: TemplateWords
    place: int


def hosts(template: TemplateWords) -> Iterator[Host]:
    """All hosts of a template but the empty one. A part with a barrier has none: nothing fills a slot across it."""
    for start, end in _parts(template):
        before = template[: start - (start > 0 and template[start - 1] is None)]
        after = template[end + (end < len(template) and template[end] is None) :]
        if before or after:
            yield Host((*before, None, *after), template[start:end], len(before))


def _parts(template: TemplateWords) -> Iterator[Span]:
    """What a slot can stand for: from a fixed word to a fixed word, with no barrier between."""
    for start, first in enumerate(template):
        for end in range(start + 1, len(template) + 1) if first is not None else ():
            if template[end - 1] in BARRIERS:
                break
            if template[end - 1] is not None:
                yield start, end


def speaking(template: TemplateWords) -> int:
    """How many fixed words there are that are no barriers."""
    return sum(word is not None and word not in BARRIERS for word in template)


def explained(counts: Mapping[TemplateWords, int]) -> int:
    """How many sentences templates explain that say more than that one word stands there."""
    return sum(count for template, count in counts.items() if speaking(template) > 1)


def instances_by_share(counts: Mapping[TemplateWords, int], judged: Iterable[TemplateWords]) -> Replaced:
    """Templates that are a small share of a family, and whose part occurs in other templates too.

    Parameters
    ----------
    counts
        Templates, and the frames of sentences that have none yet.
    judged
        Those that may be instances.
    """
    parts = Counter[TemplateWords]()
    families: defaultdict[TemplateWords, dict[TemplateWords, list[TemplateWords]]] = defaultdict(dict)
    for template, count in counts.items():
        if len(template) <= _LONG:
            parts.update(dict.fromkeys((template[start:end] for start, end in _parts(template)), count))
            for host in hosts(template):
                families[host.template].setdefault(template, []).append(host.part)
    found: dict[TemplateWords, tuple[int, TemplateWords]] = {}
    judging = set(judged)
    for general, members in families.items():
        words = speaking(general)
        if not words:
            continue
        whole = counts.get(general, 0) + sum(counts[member] for member in members)
        for member, replaced in members.items():
            if member not in judging:
                continue
            count = counts[member]
            share, specific = count / whole, count / max(parts[part] for part in replaced)
            often = share < 0.3 and specific < 0.4
            if often or (share < 0.1 and specific < 0.9 and words > 1 and len(members) > 2):
                _take(found, member, whole, general)
    return {member: general for member, (_, general) in found.items()}


def instances_of_families(counts: Mapping[TemplateWords, int]) -> Replaced:
    """The members of families in which many short parts stand at one place, none of them most of the time."""
    families: defaultdict[tuple[TemplateWords, int], dict[TemplateWords, int]] = defaultdict(dict)
    for template, count in counts.items():
        for host in hosts(template):
            short = sum(word is not None for word in host.part) <= _LONGEST
            if short and host.template.count(None) >= template.count(None) and speaking(host.template) > 1:
                families[host.template, host.place][template] = count
    found: dict[TemplateWords, tuple[int, TemplateWords]] = {}
    for (general, _), members in families.items():
        sizes = Counter(members)
        if general in counts:
            sizes[general] = counts[general]
        whole = sizes.total()
        if exp(entropy(sizes)) < _MEMBERS:
            continue
        for member, count in members.items():
            if count < _LARGEST * whole:
                _take(found, member, whole, general)
    return {member: general for member, (_, general) in found.items()}


def moved(counts: Mapping[TemplateWords, int], replaced: Replaced) -> dict[TemplateWords, int]:
    """The counts, where instances count for the host of their host, and so on."""
    found = Counter[TemplateWords]()
    for template, count in counts.items():
        while template in replaced:  # it ends: a host has less fixed words
            template = replaced[template]
        found[template] += count
    return dict(found)


def _take(
    found: dict[TemplateWords, tuple[int, TemplateWords]], member: TemplateWords, whole: int, host: TemplateWords
) -> None:
    """Take the host of the larger family."""
    if member not in found or (whole, in_order(host)) > (found[member][0], in_order(found[member][1])):
        found[member] = whole, host
