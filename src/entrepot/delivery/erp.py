"""What an ERP adapter declares and promises, and the words between it and the one who delivers.

An adapter is a folder: `spec.py` (facts with their source), `adapter.py` (the calls) and `accounts.csv` (an example of
the account mapping). It sends documents, says what became of each, finds them again by key and reads them back. It
decides nothing: when to send, again or never, is decided in `running.py`, the same for every ERP.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from importlib import resources
from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import date

    import httpx

JOURNAL = "journal"
"""A balanced journal of the ledger: the only kind of document so far."""

KINDS: tuple[str, ...] = (JOURNAL,)
"""Kinds of documents, in the order in which they depend on each other."""

OutcomeWord = Literal["applied", "rejected", "unknown", "retry_after"]


@dataclass(frozen=True, slots=True)
class JournalLine:
    """A line of a journal.

    Attributes:
        account: The ERP's account.
        functional_minor: In the company's currency, minor units; debit is positive.
        amount_minor: In the document's currency, minor units.
    """

    account: str
    functional_minor: int
    amount_minor: int


@dataclass(frozen=True, slots=True)
class Document:
    """A document as it is to stand in the ERP.

    Attributes:
        document_id: Deterministic; the key under which the ERP keeps it.
        kind: One of `KINDS`.
        company: The ERP's code of the company.
        posted_on: Accounting date.
        currency: Of `amount_minor`, ISO 4217.
        functional_currency: Of `functional_minor`, ISO 4217.
        text: One line that says what it is.
        lines: In order; they add up to nothing in both currencies.
    """

    document_id: str
    kind: str
    company: str
    posted_on: date
    currency: str
    functional_currency: str
    text: str
    lines: tuple[JournalLine, ...]

    @property
    def content(self) -> Content:
        """What has to be in the ERP, whatever the order of its lines."""
        return content_of(self.company, self.posted_on, self.currency, self.lines)


@dataclass(frozen=True)
class Content:
    """What two documents are compared by.

    Attributes:
        company: The ERP's code.
        posted_on: Accounting date.
        currency: Of the amounts.
        lines: Account, functional amount and amount, with how often they occur.
    """

    company: str
    posted_on: date
    currency: str
    lines: Mapping[tuple[str, int, int], int]


def content_of(company: str, posted_on: date, currency: str, lines: Sequence[JournalLine]) -> Content:
    """The content of lines in any order."""
    counted = Counter((line.account, line.functional_minor, line.amount_minor) for line in lines)
    return Content(company, posted_on, currency, dict(counted))


@dataclass(frozen=True, slots=True)
class Found:
    """A document that the ERP holds under a key.

    Attributes:
        ref: The ERP's own number.
        steps_done: How many of the kind's steps it has behind it.
        content: As it stands there now.
    """

    ref: str
    steps_done: int
    content: Content


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one document in one call.

    Attributes:
        word: applied; rejected, which the same request will always be; unknown, when the call may have been carried
            out; retry_after, when it surely was not.
        ref: The ERP's own number, where applied.
        code: A word of ours for the reason; see the adapter's `advice`.
        text: The ERP's own words; never personal, since what was sent is not.
        after_s: Seconds to wait at least, where the ERP said so.
    """

    word: OutcomeWord
    ref: str = ""
    code: str = ""
    text: str = ""
    after_s: float = 0.0


@dataclass(frozen=True)
class ErpSpec:
    """Facts about an ERP, before any code.

    Attributes:
        name: Equals the folder's name.
        title: What people call it, by language.
        source: Where the facts were read or measured.
        steps: By kind of document, the calls that bring it to its end; the first creates it.
        batch_max: Documents in one call.
        is_atomic: Whether one refused document refuses its whole call.
        native_key: By kind, the field that the ERP itself keeps unique; '' where it has none.
        quiet_s: How long the server may go on with a call whose answer was lost; a look-up before says nothing.
        calls_at_once_max: Calls in flight, over all workers.
        advice: By code, what to do, by language.
        gaps: What is not written, and who must act.
    """

    name: str
    title: Mapping[str, str]
    source: str
    steps: Mapping[str, tuple[str, ...]]
    batch_max: int
    is_atomic: bool
    native_key: Mapping[str, str]
    quiet_s: float
    calls_at_once_max: int
    advice: Mapping[str, Mapping[str, str]]
    gaps: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Address:
    """Where an ERP is and who calls it.

    Attributes:
        url: Of the server.
        database: Its name there.
        user: Login.
        password: Of the user; kept in memory only.
        transport: For tests: what carries the calls instead of the network.
    """

    url: str
    database: str = ""
    user: str = ""
    password: str = field(default="", repr=False)
    transport: httpx.BaseTransport | None = None


@dataclass(frozen=True)
class Erp:
    """An ERP that documents can be delivered to.

    Attributes:
        spec: Facts.
        connect: Gives an adapter for an address.
    """

    spec: ErpSpec
    connect: Callable[[Address], Adapter]

    @property
    def accounts(self) -> str:
        """The example of an account mapping, as CSV."""
        return (
            resources.files(f"entrepot.delivery.{self.spec.name}").joinpath("accounts.csv").read_text(encoding="utf-8")
        )


class Adapter(Protocol):
    """The calls of one ERP. Whatever goes wrong on the way is an `Outcome`, or `ErpUnreachable` from a reading call."""

    @property
    def spec(self) -> ErpSpec:
        """Facts."""
        ...

    def send(self, step: str, documents: Sequence[Document], refs: Mapping[str, str]) -> Mapping[str, Outcome]:
        """Do one step for documents of one kind and company.

        Args:
            step: One of the kind's steps.
            documents: At most `batch_max`.
            refs: By document id, the ERP's number, once the first step is done.
        Returns:
            An outcome for every document id.
        """
        ...

    def find(self, kind: str, company: str, keys: Sequence[str]) -> Mapping[str, tuple[Found, ...]]:
        """What the ERP holds under keys; more than one is a fault that a person has to look at.

        Raises:
            ErpUnreachable: There was no answer.
        """
        ...

    def held(self, kind: str, company: str, first: date, last: date) -> Mapping[str, tuple[Found, ...]]:
        """Everything of ours in a span of accounting dates, by key, for an audit.

        Raises:
            ErpUnreachable: There was no answer.
        """
        ...

    def close(self) -> None:
        """Give connections back."""
        ...
