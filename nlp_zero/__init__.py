"""Learn Chinese from raw text alone: no dictionary, no labels, no downloads.

The pipeline is a chain of values, each of which can be kept, merged or looked at::

    TextFiles, or any re-iterable of str
      -> NgramCounts        exact n-gram counts, added with +
      -> WordFinder         fit(corpus), then .lexicon_
      -> Lexicon            a frozen mapping of words, and a TAB-separated file
      -> LexiconSegmenter   .words(text), .tokenize(text)

``learn(corpus)`` goes further, from the corpus to a `JointSegmenter`: a lexicon and an `HMMSegmenter`, a tagger of
characters that learns from raw or from segmented text, decoded together. Sentences have templates: ``TemplateFinder``
finds them, ``TemplateParser`` parses text with them into a `SentenceTree`. A domain has its own vocabulary:
``TermMiner(background).fit(domain).terms_`` ranks it, ``WordVectors`` find words that are used alike.

Examples
--------
Find the words of a corpus, and segment with them:

>>> import nlp_zero
>>> corpus = [
...     "变压器油温过高，检查变压器。检查时先看油温。",
...     "油温正常，变压器可以运行。这台变压器的油温偏高。",
...     "值班员记录油温。雷雨之后检查变压器。",
...     "值班员说：变压器声音正常。油温一高，值班员就去看变压器。",
... ]
>>> lexicon = nlp_zero.WordFinder().fit(corpus).lexicon_
>>> segmenter = nlp_zero.LexiconSegmenter(lexicon)
>>> segmenter.words("变压器的油温")
['变压器', '的', '油温']
>>> nlp_zero.learn(corpus).words("值班员检查变压器的油温")
['值班员', '检查', '变压器', '的', '油温']
>>> [tuple(token) for token in segmenter.tokenize("油温 3.5℃")]
[('油温', 0, 2), (' ', 2, 3), ('3.5', 3, 6), ('℃', 6, 7)]

Which core runs, C or numpy:

>>> nlp_zero.core_name in ("c", "python")
True
"""

from __future__ import annotations

import logging
from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from .errors import (
        CoreFallbackWarning,
        CorpusEncodingError,
        CorpusError,
        CorpusNotRestartableError,
        CountsFormatError,
        EmptyResultWarning,
        LexiconFormatError,
        LineFormatError,
        ModelFormatError,
        NlpZeroError,
        NotFittedError,
        SpillError,
        TemplateFormatError,
        TermFormatError,
        TextMismatchError,
        WorkerError,
    )
    from .evaluation import evaluate_lexicon, evaluate_segmentation
    from .sentences.finder import TemplateFinder
    from .sentences.parser import TemplateParser
    from .sentences.template import Template, TemplateEntry, Templates
    from .sentences.tree import SentenceTree
    from .statistics.counts import NgramCounts
    from .terms.counts import TermCounts
    from .terms.miner import TermMiner
    from .terms.vectors import WordVectors
    from .terms.vocabulary import TermEntry, Terms
    from .text.corpus import TextFiles
    from .words.finder import WordFinder, learn
    from .words.hmm import HMMSegmenter
    from .words.joint import JointSegmenter
    from .words.lexicon import Entry, Lexicon
    from .words.segmenter import LexiconSegmenter
    from .words.segmenting import Segmenter, Token

__all__ = [
    "CoreFallbackWarning",
    "CorpusEncodingError",
    "CorpusError",
    "CorpusNotRestartableError",
    "CountsFormatError",
    "EmptyResultWarning",
    "Entry",
    "Lexicon",
    "HMMSegmenter",
    "JointSegmenter",
    "LexiconFormatError",
    "LexiconSegmenter",
    "LineFormatError",
    "ModelFormatError",
    "NgramCounts",
    "NlpZeroError",
    "NotFittedError",
    "Segmenter",
    "SentenceTree",
    "SpillError",
    "Template",
    "TemplateEntry",
    "TemplateFinder",
    "TemplateFormatError",
    "TemplateParser",
    "Templates",
    "TermCounts",
    "TermEntry",
    "TermFormatError",
    "TermMiner",
    "Terms",
    "TextFiles",
    "TextMismatchError",
    "Token",
    "WordFinder",
    "WordVectors",
    "WorkerError",
    "core_name",
    "evaluate_lexicon",
    "evaluate_segmentation",
    "learn",
]

__version__ = "0.1.0"

core_name: str
# Where each name is from. A module is loaded when a name of it is first asked for: all of them take ten times as long.
_NAMES: Final = {
    "errors": (
        "CoreFallbackWarning CorpusEncodingError CorpusError CorpusNotRestartableError CountsFormatError "
        "EmptyResultWarning LexiconFormatError LineFormatError ModelFormatError NlpZeroError "
        "NotFittedError SpillError TemplateFormatError TermFormatError TextMismatchError WorkerError"
    ),
    "evaluation": "evaluate_lexicon evaluate_segmentation",
    "sentences.finder": "TemplateFinder",
    "sentences.parser": "TemplateParser",
    "sentences.template": "Template TemplateEntry Templates",
    "sentences.tree": "SentenceTree",
    "statistics.counts": "NgramCounts",
    "terms.counts": "TermCounts",
    "terms.miner": "TermMiner",
    "terms.vectors": "WordVectors",
    "terms.vocabulary": "TermEntry Terms",
    "text.corpus": "TextFiles",
    "words.finder": "WordFinder learn",
    "words.hmm": "HMMSegmenter",
    "words.joint": "JointSegmenter",
    "words.lexicon": "Entry Lexicon",
    "words.segmenter": "LexiconSegmenter",
    "words.segmenting": "Segmenter Token",
}
_MODULES: Final = {name: module for module, names in _NAMES.items() for name in names.split()}
logging.getLogger("nlp_zero").addHandler(logging.NullHandler())

if not TYPE_CHECKING:  # which would take any name for one of the package otherwise

    def __getattr__(name: str) -> object:
        if name == "core_name":  # asked for when it is needed: the environment decides
            return import_module(".core", __name__).core_name()
        if name not in _MODULES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value = globals()[name] = getattr(import_module(f".{_MODULES[name]}", __name__), name)
        return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
