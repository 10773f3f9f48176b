"""Tell the day's figures: build them, and send them to every target of the cell once.

    ask       the figures of a day, aggregates only                      reports
    check     every target is in the cell's region                       this journey
    send      write down, send, write down what became of it             store, targets

Business data in sums leaves the process here, for addresses of the cell's own region. What may be in a message is
closed: `reports/daily` has no field for an order, a person or a free text.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from entrepot.errors import EntrepotError, Transient
from entrepot.flows.asking import vocabulary
from entrepot.flows.publishing import open_snapshots
from entrepot.flows.publishing_errors import NoTargets, OutcomeUnknown, TargetAbroad, TargetUnreachable
from entrepot.flows.publishing_targets import TEXT_BYTES_MAX, Message, deliver
from entrepot.reports.daily import FIELDS, DayFigures, day_figures, message_fields, message_text
from entrepot.store import NoticeLog, State

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from entrepot.flows.parts import CellParts
    from entrepot.store import NotifySettings

ATTEMPTS_MAX = 3
"""Attempts of one call; a later call tries again."""

_WAIT_S = 2.0
"""Pause before a second attempt; it doubles."""


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of a message to one target.

    Attributes:
        target: Its name.
        outcome: sent, already_sent or failed.
        error: Why it failed.
    """

    target: str
    outcome: str
    error: EntrepotError | None = None


def figures_of_day(parts: CellParts, day: date | None, currency: str | None = None) -> DayFigures:
    """The figures of a day.

    Args:
        parts: The cell.
        day: Else the last one on which an order was placed.
        currency: Reporting currency; else the cell's.

    Raises:
        NothingPublished: Nothing was imported yet.
        DayUnknown: The files tell nothing of that day.
    """
    opened = open_snapshots(parts)
    # Tables of an older version of the product cannot be compared.
    before = opened.before if opened.before is not None and not opened.before.outdated() else None
    used = (currency or parts.settings.cell.reporting_currency).upper()
    with parts.open_engine() as engine:
        return day_figures(engine, opened.tables, before, used, day)


def send_day(
    parts: CellParts, figures: DayFigures, *, again: bool = False, wait: Callable[[float], None] = time.sleep
) -> list[Sent]:
    """Send a day's figures to every target that has not got them.

    Args:
        parts: The cell.
        figures: Of the day.
        again: Whether a message with an unknown outcome is sent once more. A webhook always gets it once more, since it
            can tell by the key that it has it.
        wait: How to pause between attempts.
    Returns:
        One outcome per target, in the order of the settings; an error of one does not keep the others from theirs.

    Raises:
        NoTargets: The settings name none.
        TargetAbroad: One is in another region; nothing was sent to any.
    """
    targets = parts.settings.notify
    if not targets:
        raise NoTargets(str(parts.layout.settings))
    own = parts.settings.cell.region
    named = [(target, target.name or f"{target.kind} {number}") for number, target in enumerate(targets, start=1)]
    for target, called in named:
        if target.region.lower() != own.lower():
            raise TargetAbroad(called, target.region, own)
    with contextlib.closing(State(parts.layout)) as state:
        log = NoticeLog(state)
        return [
            _send_one(log, target, called, _message(parts, figures, target), again=again, wait=wait)
            for target, called in named
        ]


def worst_of(outcomes: list[Sent]) -> EntrepotError | None:
    """The error to leave with: one that a person must look at before one that passes."""
    errors = [each.error for each in outcomes if each.error is not None]
    return next((error for error in errors if not isinstance(error, Transient)), errors[0] if errors else None)


def target_key(target: NotifySettings) -> str:
    """A digest that names a target without its address or receivers."""
    parts = json.dumps([target.kind, target.url, target.url_env, sorted(target.to)])
    return hashlib.sha256(parts.encode()).hexdigest()[:16]


def _message(parts: CellParts, figures: DayFigures, target: NotifySettings) -> Message:
    key = f"daily/{figures.day.isoformat()}/{target_key(target)}"
    fields = message_fields(figures, key)
    assert _names_in(fields) <= FIELDS, "a message has the fields that it may have, and no other"
    text = message_text(figures, vocabulary(parts, target.lang), TEXT_BYTES_MAX.get(target.kind))
    return Message(key, figures.day.isoformat(), text, fields)


def _names_in(value: object) -> frozenset[str]:
    if isinstance(value, dict):
        return frozenset(value).union(*(_names_in(each) for each in value.values()))
    return frozenset().union(*(_names_in(each) for each in value)) if isinstance(value, list) else frozenset()


def _send_one(
    log: NoticeLog,
    target: NotifySettings,
    called: str,
    message: Message,
    *,
    again: bool,
    wait: Callable[[float], None],
) -> Sent:
    knows_key = target.kind == "webhook"
    digest = hashlib.sha256((message.text + json.dumps(message.fields, sort_keys=True)).encode()).hexdigest()
    error: EntrepotError | None = None
    for attempt in range(ATTEMPTS_MAX):
        if attempt:
            wait(_WAIT_S * 2 ** (attempt - 1))
        state = log.state_of(message.key)
        if state == "sent":
            return Sent(called, "already_sent")
        is_open = state == "sending" and not (knows_key or again)
        if is_open or not log.begin(message.key, digest, state):
            return Sent(called, "failed", OutcomeUnknown(called, message.day))
        error = _attempt(log, target, called, message)
        if error is None:
            return Sent(called, "sent")
        if not (isinstance(error, TargetUnreachable) or (isinstance(error, OutcomeUnknown) and knows_key)):
            break
    return Sent(called, "failed", error)


def _attempt(log: NoticeLog, target: NotifySettings, called: str, message: Message) -> EntrepotError | None:
    try:
        deliver(target, called, message, int(time.time()))
    except OutcomeUnknown as error:
        # The row stays `sending`: nobody knows.
        return error
    except EntrepotError as error:
        log.end(message.key, "failed")
        return error
    log.end(message.key, "sent")
    return None
