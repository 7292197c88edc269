"""Exact counts, and what they say about how strongly symbols stand together."""

from .counts import NgramCounts
from .strings import StringCounts

__all__ = ["NgramCounts", "StringCounts"]
