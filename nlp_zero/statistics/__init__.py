"""Exact counts, and what they say about how strongly symbols stand together."""

from .counts import NgramCounts, StringCounts

__all__ = ["NgramCounts", "StringCounts"]
