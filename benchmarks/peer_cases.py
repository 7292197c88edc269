"""What peers.py measures: our cases and those of the rivals. Started by it, a process of its own does one job."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from measuring import Case, Job, run_child
from peer_inputs import Inputs, make_lexicon, make_many
from run_cases import count, counter_loop, each

PIECES = 50_000  # of what trains subword models
SENTENCE = "一个五十万词的词典多久才能切分第一句话？"
SYMBOL_BITS = 21


@dataclass(frozen=True, slots=True)
class PeerCase(Case):
    """Ours, or what a rival does.

    Attributes
    ----------
    core
        The core that ours runs on; a rival has none.
    package
        What a rival imports; without it the case is left out.
    code
        Python that is run as it is: the whole process is measured.
    digest
        Whether to remember what it wrote, to compare it.
    """

    core: str = ""
    package: str = ""
    code: str = ""
    digest: bool = False

    @property
    def is_missing(self) -> bool:
        """Whether its package is not installed; this process does not import it."""
        return bool(self.package) and find_spec(self.package) is None


Prepare = Callable[[Inputs], Job]

# ------------------------------------------------------------------------------------------------------- words


def lines_of(text: Path) -> list[str]:
    """The lines that are not empty."""
    return [line for line in text.read_text(encoding="utf-8").split("\n") if line]


def _segment(load: Callable[[Inputs], Callable[[str], object]], text: str = "text16") -> Prepare:
    """Segment line by line; what is loaded at first use is loaded before."""

    def prepare(inputs: Inputs) -> Job:
        words, lines = load(inputs), lines_of(getattr(inputs, text))
        words(lines[0])
        return each(words, lines)

    return prepare


def _lexicon(inputs: Inputs) -> Callable[[str], object]:
    from nlp_zero import Lexicon, LexiconSegmenter

    return LexiconSegmenter(Lexicon.load(inputs.lexicon)).words


def _model(name: str) -> Callable[[Inputs], Callable[[str], object]]:
    def load(inputs: Inputs) -> Callable[[str], object]:
        from nlp_zero.words.joint import load_segmenter

        return load_segmenter(getattr(inputs, name)).words

    return load


def _rjieba(inputs: Inputs) -> Callable[[str], object]:
    import rjieba

    cut: Callable[[str], object] = rjieba.cut
    return cut


def _jieba(hmm: bool) -> Callable[[Inputs], Callable[[str], object]]:
    def load(inputs: Inputs) -> Callable[[str], object]:
        import jieba

        jieba.setLogLevel(60)
        return jieba.lcut if hmm else lambda line: list(jieba.cut(line, HMM=False))

    return load


def _jieba_fast(inputs: Inputs) -> Callable[[str], object]:
    import jieba_fast_dat

    jieba_fast_dat.setLogLevel(60)
    cut: Callable[[str], object] = jieba_fast_dat.lcut
    return cut


def _cutword(inputs: Inputs) -> Callable[[str], object]:
    import cutword

    cut: Callable[[str], object] = cutword.Cutter().cutword
    return cut


def _rjieba_file(inputs: Inputs) -> Job:
    def job() -> None:
        import rjieba

        with open(inputs.text98, encoding="utf-8") as lines, open(inputs.out, "w", encoding="utf-8") as out:
            for line in lines:
                out.write(" ".join(rjieba.cut(line.rstrip("\n"))) + "\n")

    return job


# ---------------------------------------------------------------------------------------------------- counting


def _symbols(inputs: Inputs) -> Any:
    import numpy as np

    from nlp_zero import TextFiles
    from nlp_zero.statistics.symbols import symbol_chunks

    return np.concatenate(list(symbol_chunks(TextFiles(inputs.text98))))


def _kernel(inputs: Inputs) -> Job:
    from nlp_zero.core import kernels

    symbols = _symbols(inputs)
    return lambda: kernels().count_ngrams(symbols, 2)


def _unique(counts: bool) -> Prepare:
    """What numpy does with the pairs that the kernel counts: each pair inside a run as one number."""

    def prepare(inputs: Inputs) -> Job:
        import numpy as np

        from nlp_zero.core.symbols import FIRST_SYMBOL

        symbols = _symbols(inputs)
        first, second = symbols[:-1].astype(np.uint64), symbols[1:].astype(np.uint64)
        packed = (first << np.uint64(SYMBOL_BITS) | second)[(first >= FIRST_SYMBOL) & (second >= FIRST_SYMBOL)]
        unique: Callable[..., object] = np.unique
        return lambda: unique(packed, return_counts=counts)

    return prepare


def _kenlm(inputs: Inputs) -> Job:
    def job() -> None:
        temporary = ["-T", f"{inputs.out}.", "--write_vocab_list", f"{inputs.out}.v"]
        with open(inputs.blanks, "rb") as text, open(inputs.out, "wb") as out:
            subprocess.run(["count_ngrams", "-o", "4", "-S", "1G", *temporary], stdin=text, stdout=out, check=True)

    return job


# --------------------------------------------------------------------------------------------------- discovery


class _Lines:
    """The lines of a file, again and again, so that they need not be in memory."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __iter__(self) -> Iterator[str]:
        with open(self._path, encoding="utf-8") as lines:
            yield from lines


def _original(text: str) -> Prepare:
    def prepare(inputs: Inputs) -> Job:
        def job() -> None:
            import collections
            import collections.abc

            # Python 3.10 has it no longer under the name by which it is imported.
            collections.Iterable = collections.abc.Iterable  # type: ignore[attr-defined]
            sys.path.insert(0, str(inputs.original))
            import nlp_zero

            finder = vars(nlp_zero)["Word_Finder"]()
            lines = _Lines(getattr(inputs, text))
            finder.train(lines)
            finder.find(lines)
            with open(inputs.out, "w", encoding="utf-8") as out:
                out.writelines(f"{word}\t{times}\n" for word, times in finder.words.items())

        return job

    return prepare


def _sentencepiece(kind: str) -> Prepare:
    def prepare(inputs: Inputs) -> Job:
        def job() -> None:
            from sentencepiece import SentencePieceTrainer

            SentencePieceTrainer.train(
                input=str(inputs.text16),
                model_prefix=str(inputs.out),
                model_type=kind,
                vocab_size=PIECES,
                hard_vocab_limit=False,
                character_coverage=1.0,
                num_threads=1,
                max_sentence_length=inputs.text16.stat().st_size + 1,  # bytes: longer lines would be left out
                minloglevel=2,
            )

        return job

    return prepare


def _tokenizers(inputs: Inputs) -> Job:
    def job() -> None:
        os.environ["RAYON_NUM_THREADS"] = "1"
        from tokenizers import Tokenizer, models, trainers

        tokenizer = Tokenizer(models.BPE())
        tokenizer.train([str(inputs.text16)], trainers.BpeTrainer(vocab_size=PIECES, show_progress=False))
        tokenizer.save(str(inputs.out))

    return job


def _phrases(inputs: Inputs) -> Job:
    def job() -> None:
        from gensim.models.phrases import Phrases

        found = Phrases(map(list, lines_of(inputs.text16)), min_count=5, threshold=10).export_phrases()
        with open(inputs.out, "w", encoding="utf-8") as out:
            out.writelines(f"{word}\t{score}\n" for word, score in found.items())

    return job


# ------------------------------------------------------------------------------------------------------- start


def _ready_table(inputs: Inputs) -> Job:
    from nlp_zero import Lexicon, LexiconSegmenter

    return lambda: LexiconSegmenter(Lexicon.load(inputs.many)).words(SENTENCE)


def _ready_compiled(inputs: Inputs) -> Job:
    from nlp_zero import LexiconSegmenter

    segmenter: Any = LexiconSegmenter
    return lambda: segmenter.load(inputs.compiled).words(SENTENCE)


def _ready(load: Callable[[Inputs], Callable[[str], object]]) -> Prepare:
    """From the import of a rival on, as some load their dictionary there."""
    return lambda inputs: lambda: load(inputs)(SENTENCE)


def _compile(inputs: Inputs) -> Job:
    from nlp_zero import Lexicon, LexiconSegmenter

    segmenter: Any = LexiconSegmenter(Lexicon.load(inputs.many))
    return lambda: segmenter.save(inputs.compiled)


def _probe(inputs: Inputs) -> Job:
    """Print what is there to be measured."""

    def job() -> None:
        import numpy

        from nlp_zero import LexiconSegmenter
        from nlp_zero.core import core_problem

        umath = import_module("numpy._core._multiarray_umath")
        features: dict[str, bool] = getattr(umath, "__cpu_features__", {})
        sorting = next((name for name in ("AVX512_SKX", "AVX2") if features.get(name)), "-")
        found = {
            "about": {"numpy": numpy.__version__, "np.sort by": sorting},
            "no C core": core_problem(),
            "compiled": hasattr(LexiconSegmenter, "save") and hasattr(LexiconSegmenter, "load"),
        }
        print(json.dumps(found))

    return job


# ------------------------------------------------------------------------------------------------------- cases


def _ours(name: str, prepare: Prepare, *needs: str, **more: Any) -> PeerCase:
    return PeerCase(name, **{"measured": "text16", "core": "c", **more}, prepare=prepare, needs=needs)


def _command(name: str, text: str, *arguments: str, **more: Any) -> PeerCase:
    command = (arguments[0], "--quiet", *arguments[1:], f"{{{text}}}", "-o", "{out}")
    return PeerCase(name, measured=text, command=command, **{"core": "c", **more})


def _rival(
    name: str, package: str, prepare: Prepare, text: str = "text16", *needs: str, whole: bool = False
) -> PeerCase:
    return PeerCase(name, text, prepare=prepare, plain=True, whole=whole, package=package, needs=needs)


def _limited(name: str, *arguments: str) -> Iterator[PeerCase]:
    for limit in ("256MB", "512MB"):
        yield _command(f"{name}, 98 MB, --memory {limit}", "text98", *arguments, "--memory", limit)


def _several(name: str, *arguments: str, needs: tuple[str, ...] = ()) -> Iterator[PeerCase]:
    for jobs in ("1", "2"):
        yield _command(f"{name} --jobs {jobs}", "text98", *arguments, "--jobs", jobs, needs=needs, digest=True)


PMI = ("discover", "--method", "pmi")
SEGMENT = ("segment", "-l", "{lexicon}")
NUMPY: dict[str, Any] = {"core": "python"}
CASES = (
    _ours("LexiconSegmenter.words", _segment(_lexicon), "lexicon"),
    _ours("HMMSegmenter.words, order 1", _segment(_model("order_1")), "order_1"),
    _ours("HMMSegmenter.words, order 2", _segment(_model("order_2")), "order_2"),
    _ours("JointSegmenter.words", _segment(_model("joint")), "joint"),
    _rival("rjieba.cut", "rjieba", _segment(_rjieba)),
    _rival("jieba_fast_dat.lcut", "jieba_fast_dat", _segment(_jieba_fast)),
    _rival("cutword", "cutword", _segment(_cutword, "text1"), "text1"),
    _rival("jieba.cut, HMM=False", "jieba", _segment(_jieba(False), "text1"), "text1"),
    _rival("jieba.lcut", "jieba", _segment(_jieba(True), "text1"), "text1"),
    _command("segment -l, file to file", "text98", *SEGMENT, needs=("lexicon",)),
    _rival("loop over rjieba, file to file", "rjieba", _rjieba_file, "text98", whole=True),
    _ours("count_ngrams, order 2", _kernel, measured="text98"),
    _rival("np.unique with counts", "", _unique(True), "text98"),
    _rival("np.unique", "", _unique(False), "text98"),
    _ours("NgramCounts, order 2", lambda inputs: count(inputs.text98, 2), measured="text98", whole=True),
    _rival("Counter loop", "", lambda inputs: counter_loop(inputs.text98), "text98", whole=True),
    _ours("NgramCounts, order 4", lambda inputs: count(inputs.text98, 4, "330MB"), measured="text98", whole=True),
    _rival("KenLM, order 4", "", _kenlm, "text98", "blanks", whole=True),
    _command("discover --method pmi, 98 MB", "text98", *PMI),
    _rival("nlp-zero 0.1.6, 98 MB", "", _original("text98"), "text98", "original", whole=True),
    _command("discover, 16 MB", "text16", "discover"),
    _command("train, 16 MB", "text16", "train"),
    _rival("SentencePiece unigram", "sentencepiece", _sentencepiece("unigram"), whole=True),
    _rival("SentencePiece BPE", "sentencepiece", _sentencepiece("bpe"), whole=True),
    _rival("tokenizers BPE", "tokenizers", _tokenizers, whole=True),
    _rival("gensim Phrases, of characters", "gensim", _phrases, whole=True),
    _command("discover, 98 MB", "text98", "discover"),
    _command("train, 98 MB", "text98", "train"),
    *_limited("discover", "discover"),
    *_limited("discover --method pmi", *PMI),
    *_limited("train", "train"),
    *_several("discover", "discover"),
    *_several("discover --method pmi", *PMI),
    *_several("segment -l", *SEGMENT, needs=("lexicon",)),
    *_several("segment -m", "segment", "-m", "{joint}", needs=("joint",)),
    PeerCase("import numpy", "", code="import numpy"),
    PeerCase("import numpy, nlp_zero", "", code="import numpy, nlp_zero"),
    PeerCase("and LexiconSegmenter of it", "", code="import numpy; from nlp_zero import LexiconSegmenter"),
    _ours("500,000 words, compiled", _ready_compiled, "many", "compiled", measured=""),
    _ours("500,000 words, a table", _ready_table, "many", measured=""),
    _rival("349,046 words of rjieba", "rjieba", _ready(_rjieba), ""),
    _rival("349,046 words of jieba", "jieba", _ready(_jieba(True)), ""),
    _ours("LexiconSegmenter.words, numpy", _segment(_lexicon, "text1"), "lexicon", measured="text1", **NUMPY),
    _command("discover --method pmi, 16 MB, numpy", "text16", *PMI, **NUMPY),
    _command("discover, 16 MB, numpy", "text16", "discover", **NUMPY),
    _rival("nlp-zero 0.1.6, 16 MB", "", _original("text16"), "text16", "original", whole=True),
)
HELPERS = (
    Case("probe", prepare=_probe),
    Case("make lexicon", prepare=make_lexicon),
    Case("make many", prepare=make_many),
    Case("make compiled", prepare=_compile),
)


if __name__ == "__main__":
    given = Inputs(*map(Path, sys.argv[2:])) if len(sys.argv) > 2 else Inputs(*[Path()] * len(fields(Inputs)))
    sys.exit(run_child((*CASES, *HELPERS), given, sys.argv[1]))
