"""The habits of scikit-learn that all finders share, without importing it: parameters by name, results after `fit`."""

from __future__ import annotations

from numbers import Integral
from typing import Any, ClassVar, Self

from .errors import NotFittedError

__all__ = ["Estimator", "check_whole"]


class Estimator:
    """Something with parameters that learns.

    Attributes
    ----------
    parameters
        The names of the parameters, which are attributes too.
    results
        The names of what there is after `fit`.
    """

    parameters: ClassVar[tuple[str, ...]] = ()
    results: ClassVar[tuple[str, ...]] = ()

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """The parameters, by name."""
        return {name: getattr(self, name) for name in self.parameters}

    def set_params(self, **params: Any) -> Self:
        """Change parameters; the next `fit` uses them.

        Raises
        ------
        ValueError
            If there is no parameter of that name.
        """
        for name, value in params.items():
            if name not in self.parameters:
                raise ValueError(f"{name}: no such parameter; there are {', '.join(self.parameters)}")
            setattr(self, name, value)
        return self

    def __getattr__(self, name: str) -> Any:
        if name in self.results:
            raise NotFittedError(f"{name}: nothing was learnt yet; call fit(corpus) first")
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")


def check_whole(name: str, value: object, least: int = 1) -> None:
    """Refuse a parameter that is neither None nor a whole number of at least so much.

    Raises
    ------
    ValueError
        If it is something else.
    """
    if value is not None and (isinstance(value, bool) or not isinstance(value, Integral) or int(value) < least):
        raise ValueError(f"{name}: expected a whole number from {least} on, or None, found {value!r}")
