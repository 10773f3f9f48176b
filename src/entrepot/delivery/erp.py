"""What an ERP adapter declares and promises, and the words between it and the one who delivers.

An adapter is a folder: `spec.py` (facts with their source), `adapter.py` (the calls) and `accounts.csv` (an example of
the account mapping). It sends documents, says what became of each, finds them again by key and reads them back. It
decides nothing: when to send, again or never, is decided in `running.py`, the same for every ERP.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from dataclasses import astuple, dataclass, field, replace
from importlib import resources
from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import date

    import httpx

PARTY = "party"
"""A collective customer: everybody who buys on a channel. Never a natural person."""

PRODUCT = "product"
"""What is sold, by its SKU."""

ORDER = "order"
"""A sales order: what a buyer ordered and paid, by product. It books nothing, in no ERP."""

INVOICE = "invoice"
"""A customer invoice, or a sales summary: what was sold, with tax, on the account of a party."""

CREDIT_NOTE = "credit_note"
"""What of it was given back; quantities and amounts are those of an invoice with their signs turned."""

JOURNAL = "journal"
"""A balanced journal of the ledger, without what invoices, credit notes and payments stand for."""

PAYMENT = "payment"
"""What pays invoices or credit notes: a balanced journal whose lines for customers name what they settle."""

GOODS_ISSUE = "goods_issue"
"""What left stock because it was shipped to buyers, by product. It books nothing: journals carry what it cost."""

GOODS_RECEIPT = "goods_receipt"
"""What of it came back from buyers; quantities are those of a goods issue with their signs turned."""

KINDS: tuple[str, ...] = (
    PARTY, PRODUCT, ORDER, INVOICE, CREDIT_NOTE, JOURNAL, PAYMENT, GOODS_ISSUE, GOODS_RECEIPT,
)  # fmt: skip
"""Kinds of documents, in the order in which they depend on each other. A target takes those of its ERP's `steps`."""

MASTER = frozenset({PARTY, PRODUCT})
"""Kinds that are kept under a code and written again when they change; their one step makes or changes them."""

MOVEMENTS = frozenset({GOODS_ISSUE, GOODS_RECEIPT})
"""Kinds that move stock, and have no amount."""

BOOKS_NOTHING = MASTER | MOVEMENTS | {ORDER}
"""Kinds without lines in the general ledger."""

BOOKED_ONLY = frozenset({JOURNAL, PAYMENT})
"""Kinds that hold what they book and nothing else."""

TURNED: Mapping[str, str] = {
    INVOICE: CREDIT_NOTE,
    CREDIT_NOTE: INVOICE,
    JOURNAL: JOURNAL,
    PAYMENT: PAYMENT,
    GOODS_ISSUE: GOODS_RECEIPT,
    GOODS_RECEIPT: GOODS_ISSUE,
}
"""What takes a document back. Nothing takes an order back: people work on it in the ERP, and change it there."""

PRICE_DIGITS = 6
"""Digits behind the point of `ItemLine.price_e6`."""

OutcomeWord = Literal["applied", "rejected", "unknown", "retry_after"]

UNDER_WAY = "under_way"
"""Code of an unknown outcome of which the ERP says that it is still at it: to wait for it is no try."""


@dataclass(frozen=True, slots=True)
class JournalLine:
    """A line of a journal, or of what an ERP books for an invoice.

    Attributes:
        account: The ERP's account.
        functional_minor: In the company's currency, minor units; debit is positive.
        amount_minor: In the document's currency, minor units.
        party: Code of the party whose account it is; '' for most lines.
        settles: Of a payment: the id of the invoice or credit note that it pays, without its version, since all
            versions of one are settled together; '' for other lines.
    """

    account: str
    functional_minor: int
    amount_minor: int
    party: str = ""
    settles: str = ""


@dataclass(frozen=True, slots=True)
class Party:
    """A collective customer, with the code under which the ERP keeps it and a name for people."""

    code: str
    name: str


@dataclass(frozen=True, slots=True)
class Product:
    """Something that is sold by the piece, with its SKU, under which the ERP keeps it, and a name for people."""

    code: str
    name: str


@dataclass(frozen=True, slots=True)
class ItemLine:
    """What was sold, or given back.

    Attributes:
        account: The ERP's account that takes it.
        product: Code of the product; '' for freight, allowances and what rounding leaves.
        text: What it is.
        quantity: Pieces; negative in a credit note.
        price_e6: Price of one without tax, in millionths of the currency's unit, with no more digits than the ERP's
            `price_digits`.
        amount_minor: Without tax. Quantity times price, rounded, is this. It is never half a minor unit, which ERPs
            round differently: an ERP that multiplies comes to it.
    """

    account: str
    product: str
    text: str
    quantity: int
    price_e6: int
    amount_minor: int


@dataclass(frozen=True, slots=True)
class TaxLine:
    """Tax of an invoice, as booked and not computed anew.

    Attributes:
        account: The ERP's account that takes it.
        code: The ERP's tax code; '' where the mapping names none.
        base_minor: Amount that it is on.
        amount_minor: Tax.
    """

    account: str
    code: str
    base_minor: int
    amount_minor: int


@dataclass(frozen=True, slots=True)
class Invoice:
    """What an invoice or a credit note holds beside its head.

    Attributes:
        party: Code of the party.
        receivable: The ERP's account that takes the total.
        items: Lines.
        taxes: Tax.
    """

    party: str
    receivable: str
    items: tuple[ItemLine, ...]
    taxes: tuple[TaxLine, ...]

    @property
    def total_minor(self) -> int:
        """With tax; negative in a credit note."""
        return sum(each.amount_minor for each in self.items) + sum(each.amount_minor for each in self.taxes)


@dataclass(frozen=True, slots=True)
class SalesOrder:
    """What a sales order holds beside its head.

    Attributes:
        party: Code of the party.
        items: Goods, without freight; their accounts are empty.
    """

    party: str
    items: tuple[ItemLine, ...]


@dataclass(frozen=True, slots=True)
class GoodsLine:
    """What was moved of a product.

    Attributes:
        product: Its code.
        quantity: Pieces; negative in a goods receipt.
    """

    product: str
    quantity: int


@dataclass(frozen=True, slots=True)
class Goods:
    """What a goods issue or a goods receipt holds beside its head.

    Attributes:
        party: Code of the party that got the goods, or gave them back.
        lines: One for each product.
    """

    party: str
    lines: tuple[GoodsLine, ...]


Body = Party | Product | Invoice | SalesOrder | Goods


@dataclass(frozen=True, slots=True)
class Document:
    """A document as it is to stand in the ERP.

    Attributes:
        document_id: Deterministic; the key under which the ERP keeps it, if it is not `MASTER`.
        kind: One of `KINDS`.
        company: The ERP's code of the company; '' of what all companies share.
        posted_on: Accounting date; of `MASTER` the day of the plan, which no ERP keeps.
        currency: Of `amount_minor`, ISO 4217.
        functional_currency: Of `functional_minor`, ISO 4217.
        text: One line that says what it is.
        lines: What it books, in order; adds up to nothing in both currencies. Of `BOOKED_ONLY` that is all there is.
        body: What another document holds.
    """

    document_id: str
    kind: str
    company: str
    posted_on: date
    currency: str
    functional_currency: str
    text: str
    lines: tuple[JournalLine, ...]
    body: Body | None = None

    @property
    def key(self) -> str:
        """What `Adapter.find` knows it by."""
        return self.body.code if isinstance(self.body, Party | Product) else self.document_id

    @property
    def content(self) -> Content:
        """What has to be in the ERP, whatever the order of its lines."""
        if self.body is None:
            return content_of(self.company, self.posted_on, self.currency, self.lines)
        return content_of_body(self.company, self.posted_on, self.currency, self.body)


@dataclass(frozen=True)
class Content:
    """What two documents are compared by.

    Attributes:
        company: The ERP's code.
        posted_on: Accounting date; None of `MASTER`.
        currency: Of the amounts; '' of `MOVEMENTS`.
        lines: Of `BOOKED_ONLY`: account, functional amount and amount, with how often they occur.
        body: Of another document; its lines in a fixed order.
    """

    company: str
    posted_on: date | None
    currency: str
    lines: Mapping[tuple[str, int, int], int]
    body: Body | None = None


def content_of(company: str, posted_on: date, currency: str, lines: Sequence[JournalLine]) -> Content:
    """The content of a journal's lines in any order."""
    counted = Counter((line.account, line.functional_minor, line.amount_minor) for line in lines)
    return Content(company, posted_on, currency, dict(counted))


def content_of_body(company: str, posted_on: date, currency: str, body: Body) -> Content:
    """The content of another document, its lines in any order.

    Texts of lines are for people and are not compared; nor is what tax is on, which some ERPs keep and others compute.
    """
    if isinstance(body, Party | Product):
        return Content("", None, "", {}, body)
    if isinstance(body, Goods):
        return Content(company, posted_on, "", {}, replace(body, lines=tuple(sorted(body.lines, key=astuple))))
    items = sorted((replace(each, text="") for each in body.items), key=astuple)
    if isinstance(body, SalesOrder):
        return Content(company, posted_on, currency, {}, replace(body, items=tuple(items)))
    taxes = sorted((replace(each, base_minor=0) for each in body.taxes), key=astuple)
    return Content(company, posted_on, currency, {}, replace(body, items=tuple(items), taxes=tuple(taxes)))


@dataclass(frozen=True, slots=True)
class Found:
    """A document that the ERP holds under a key.

    Attributes:
        ref: The ERP's own number.
        steps_done: How many of the kind's steps it has behind it.
        content: As it stands there now.
        booked: What the ERP's general ledger holds for it, where that is another thing than its content: of an invoice
            that is posted. An audit compares it with the document's own lines.
    """

    ref: str
    steps_done: int
    content: Content
    booked: tuple[JournalLine, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one document in one call.

    Attributes:
        word: applied; rejected, which the same request will always be; unknown, when the call may have been carried
            out; retry_after, when it surely was not.
        ref: The ERP's own number, where applied; where rejected, of what it made all the same.
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
        proven: What the adapter was tried on; a simulator proves less than a server.
        steps: By kind of document, the calls that bring it to its end; the first creates it.
        batch_max: Documents in one call.
        batches: By kind, the same where it is another number.
        is_atomic: Whether one refused document refuses its whole call.
        native_key: By kind, the field that the ERP itself keeps unique; '' where it has none.
        quiet_s: How long the server may go on with a call whose answer was lost; a look-up before says nothing.
        calls_at_once_max: Calls in flight, over all workers.
        advice: By code, what to do, by language.
        gaps: What is not written, and who must act.
        declined: By kind, why it is not taken: what would be wrong with it in this ERP.
        price_digits: Digits behind the point that a unit price may have.
        has_shared_masters: Whether all companies share parties and products; else each has its own.
        name_length_max: Characters that the name of a party or product may have; what is longer is cut off.
        turns_lines: Whether an invoice may have a line below zero, and a credit note one above.
        keeps_both_amounts: Whether documents in another currency than the company's stand there with both amounts of
            each line as the books have them; else such sales stay journals.
        settings: Of `format`, `token_url` and `storage_url` of a target those that it reads.
    """

    name: str
    title: Mapping[str, str]
    source: str
    proven: str
    steps: Mapping[str, tuple[str, ...]]
    batch_max: int
    is_atomic: bool
    native_key: Mapping[str, str]
    quiet_s: float
    calls_at_once_max: int
    advice: Mapping[str, Mapping[str, str]]
    gaps: Mapping[str, str]
    declined: Mapping[str, str] = field(default_factory=dict)
    batches: Mapping[str, int] = field(default_factory=dict)
    price_digits: int = 4
    has_shared_masters: bool = True
    name_length_max: int = 200
    turns_lines: bool = True
    keeps_both_amounts: bool = False
    settings: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        """Hold what planning and delivery build on."""
        assert all(len(self.steps[kind]) == 1 for kind in MASTER & set(self.steps)), (
            "one step makes or changes a master"
        )
        assert all(TURNED[kind] in self.steps for kind in set(self.steps) & set(TURNED)), (
            "what is booked or moved can be taken back"
        )
        assert not set(self.declined) & set(self.steps), "what is declined is not written"
        assert self.price_digits <= PRICE_DIGITS, "prices are kept in millionths"


@dataclass(frozen=True, slots=True)
class Address:
    """Where an ERP is and who calls it.

    Attributes:
        url: Of the server.
        database: Its name there.
        user: Login.
        password: Of the user; kept in memory only.
        transport: For tests: what carries the calls instead of the network.
        token_url: Of the server that gives access tokens, where it is another one.
        form: Of files, where it takes several.
        storage_url: Of the storage account that files for it are put in, where it takes such.
    """

    url: str
    database: str = ""
    user: str = ""
    password: str = field(default="", repr=False)
    transport: httpx.BaseTransport | None = None
    token_url: str = ""
    form: str = ""
    storage_url: str = ""


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
        """The example of an account mapping, as CSV; without dimensions, which only files carry so far."""
        folder = resources.files(f"entrepot.delivery.{self.spec.name}")
        rows = list(csv.DictReader(io.StringIO(folder.joinpath("accounts.csv").read_text(encoding="utf-8"))))
        made = io.StringIO()
        writer = csv.DictWriter(made, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows({**row, "dimensions": ""} for row in rows)
        return made.getvalue()


class Adapter(Protocol):
    """The calls of one ERP.

    Whatever goes wrong on the way is an `Outcome`; from a reading call it is `ErpUnreachable`, or `ErpRefused` where
    the same question will always be refused.
    """

    @property
    def spec(self) -> ErpSpec:
        """Facts."""
        ...

    def send(self, step: str, documents: Sequence[Document], refs: Mapping[str, str]) -> Mapping[str, Outcome]:
        """Do one step for documents of one kind and company.

        Of `MASTER` the step looks for the code itself, writes what differs and makes what is not there.

        Args:
            step: One of the kind's steps.
            documents: At most `batch_max`.
            refs: By document id, the ERP's number, once the first step is done.
        Returns:
            An outcome for every document id.
        """
        ...

    def find(self, kind: str, company: str, keys: Sequence[str]) -> Mapping[str, tuple[Found, ...]]:
        """What the ERP holds under keys (of `MASTER`: codes); more than one is a fault that a person has to look at.

        Raises:
            ErpUnreachable: There was no answer.
            ErpRefused: The answer is a refusal.
        """
        ...

    def held(self, kind: str, company: str, first: date, last: date) -> Mapping[str, tuple[Found, ...]]:
        """Everything of ours in a span of accounting dates, by key, for an audit; not asked of `MASTER`.

        Raises:
            ErpUnreachable: There was no answer.
            ErpRefused: The answer is a refusal.
        """
        ...

    def close(self) -> None:
        """Give connections back."""
        ...
