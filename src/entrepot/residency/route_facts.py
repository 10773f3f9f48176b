"""What a decision on a transfer rests on, and what it says: facts in, verdict out. No rule of law stands here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from entrepot.residency.profile import Cite, Words

Why = Literal[
    "none_on_file",
    "other_processor",
    "not_yet_valid",
    "expired",
    "other_purpose",
    "other_recipient",
    "basis_not_stated",
    "basis_does_not_fit",
    "not_filed",
    "cap_not_stated",
    "cap_exceeded",
]
"""Why evidence does not carry a transfer, in the order in which it is asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """A document on file.

    Attributes:
        kind: As the profile names it.
        number: Its file number, date or version; never a person. Empty where it still has to be filed.
        processor: The legal processor that it was made for.
        valid_from: First day.
        valid_to: Last day; None where it names none.
        purposes: Purposes that it covers; one that is not named is not covered.
        recipients: Recipients that it covers, likewise.
        cap_persons: Persons for whom it holds, this year and over all transfers.
        basis: Of a legal basis: contract, consent, legal_duty, vital_interest, labour_rules, legitimate_interest.
    """

    kind: str
    number: str
    processor: str
    valid_from: date
    valid_to: date | None = None
    purposes: tuple[str, ...] = ()
    recipients: tuple[str, ...] = ()
    cap_persons: int | None = None
    basis: str = ""


@dataclass(frozen=True, slots=True)
class Necessity:
    """A claim that a contract with the person needs the transfer; `basis` says which contract and why."""

    is_needed: bool
    basis: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ZoneFacts:
    """What an exporter in a free-trade zone states.

    Attributes:
        zone: The zone.
        list_id: The zone's published list, as a profile names it.
        is_registered: The exporter is registered in the zone.
        exports_from_zone: The export itself is made there.
        sector: As the list names it.
        scenario: As the list names it.
        is_on_list: The data is on the negative list.
        filing: Number of the filing with the zone; empty where there is none.
    """

    zone: str
    list_id: str
    is_registered: bool
    exports_from_zone: bool
    sector: str
    scenario: str
    is_on_list: bool
    filing: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteFacts:
    """One transfer, at the day on which it happens.

    Attributes:
        on: Day of the transfer in the profile's zone.
        processor: The legal processor that exports; persons are counted by it.
        recipient: Who receives.
        recipient_region: Region or country of the recipient.
        purpose: Why.
        important_data: Whether important data is among it; None where nobody has determined it.
        has_personal: Whether personal data, tokens included, is among it.
        is_ciio: The processor operates critical information infrastructure.
        non_sensitive_total: Persons of the processor this year, over all recipients, this transfer included.
        sensitive_total: The same for sensitive data.
        is_sensitive: This transfer holds sensitive data.
        collected_abroad: All of it was collected abroad and none of the region is mixed in.
        necessity: The claim of a contract; it counts for the closed purposes only.
        hr: Needed to manage employees under lawful labour rules; counts where `subjects` are employees only.
        subjects: Whose data it is: buyer, recipient, declarant, invoice_holder, talent, employee, b2b_contact.
        zone: What an exporter in a free-trade zone states.
        evidence: What is on file.
        this_system_only: Nothing was declared of flows outside this system.
        upper_bound: Persons could not all be told apart, so the totals may be too high.
    """

    on: date
    processor: str
    recipient: str
    recipient_region: str
    purpose: str
    important_data: bool | None
    has_personal: bool
    is_ciio: bool
    non_sensitive_total: int
    sensitive_total: int
    is_sensitive: bool = False
    with_children: bool = False
    collected_abroad: bool = False
    necessity: Necessity | None = None
    hr: bool = False
    emergency: bool = False
    occasional: bool = False
    subjects: frozenset[str] = frozenset()
    zone: ZoneFacts | None = None
    for_foreign_authority: bool = False
    evidence: tuple[Evidence, ...] = ()
    this_system_only: bool = True
    upper_bound: bool = False

    def __post_init__(self) -> None:
        """Hold the promise that counts are counts."""
        assert self.non_sensitive_total >= 0, "a total of persons is 0 or more"
        assert self.sensitive_total >= 0, "a total of persons is 0 or more"

    def total_of(self, name: str) -> int:
        """Persons of a class; a transfer that holds sensitive data is of one person at least, whatever was counted."""
        if name == "sensitive":
            return max(self.sensitive_total, int(self.is_sensitive and self.has_personal))
        return self.non_sensitive_total


@dataclass(frozen=True, slots=True)
class Missing:
    """Evidence without which the transfer may not go.

    Attributes:
        kinds: Kinds of which one must be on file.
        why: What is wrong with what is on file.
        words: The same as a sentence that says what to do.
    """

    kinds: tuple[str, ...]
    why: Why
    words: Words


@dataclass(frozen=True, slots=True)
class Warned:
    """Something that does not stop the transfer yet.

    Attributes:
        code: line, cap, filing, renewal, this_system_only, upper_bound, remote_access or override.
        subject: The line or the evidence.
        percent: The level that was reached, of lines and caps.
        words: As a sentence.
    """

    code: Literal["line", "cap", "filing", "renewal", "this_system_only", "upper_bound", "remote_access", "override"]
    subject: str
    percent: int | None
    words: Words


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What the law of a region says to one transfer.

    Attributes:
        profile: Region.
        profile_digest: Of the profile that was asked.
        on: Day for which it holds.
        row: Id of the row that decided; empty where none matched, which is a refusal.
        route: Its route.
        is_free: The route needs no filing, contract or approval; what every export needs, it still needs.
        is_allowed: The route is open and everything that it needs is on file.
        exempt: Persons of this transfer are exempt from the lines, as `PersonsMeter.record` wants to know.
        count_exempt: The profile counts them towards the lines all the same.
        cite: Where the row stands.
        reasons: Why, in sentences.
        missing: Evidence without which it may not go.
        mechanism: Evidence of the route that carries it.
        cap: Persons that this evidence allows; None where it names no number.
        warnings: What does not stop it yet.
    """

    profile: str
    profile_digest: str
    on: date
    row: str
    route: str
    is_free: bool
    is_allowed: bool
    exempt: bool
    count_exempt: bool
    cite: Cite
    reasons: tuple[Words, ...]
    missing: tuple[Missing, ...]
    mechanism: tuple[Evidence, ...]
    cap: int | None
    warnings: tuple[Warned, ...]
