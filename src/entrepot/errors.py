"""The four families of exceptions, named by what the caller does next.

Business news are events and doubts about good data are findings; neither belongs here. Facts are fields, the sentence
is built from them, and all fields go to ``super().__init__`` so that every error survives pickling.
"""

__all__ = ["EntrepotError", "Invalid", "Refused", "Rejected", "Transient"]


class EntrepotError(Exception):
    """Anything that the product raises on purpose."""

    code: str = "entrepot.error"


class Transient(EntrepotError):
    """The outside failed in a way that passes: do the same again later."""

    code = "entrepot.transient"


class Rejected(EntrepotError):
    """The outside understood and said no: the same request will never succeed."""

    code = "entrepot.rejected"


class Invalid(EntrepotError):
    """What came in is not what was promised: ask a person or quarantine it."""

    code = "entrepot.invalid"


class Refused(EntrepotError):
    """We said no, by a rule of our own: a permit, a limit, a missing right."""

    code = "entrepot.refused"
