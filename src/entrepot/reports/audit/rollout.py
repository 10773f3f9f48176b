"""The order of roll-out, computed from what was found: one platform first, the most complete and most valuable.

Costs come before everything because no platform has a margin without them; a platform whose orders and settlement are
whole can be reconciled at once; one with gaps waits for its files; unknown files are described once the first platform
stands; advertising closes the P&L; then the month is closed from exceptions alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from entrepot.reports.audit.needs import MISSING, THERE
from entrepot.reports.audit.shape import Step

if TYPE_CHECKING:
    from collections.abc import Sequence

    from entrepot.reports.audit.shape import AuditedFile, Missing, Platform

RECONCILED_BY = ("orders", "order_lines", "settlement_lines")
"""Needs of the P&L that decide whether a platform can be reconciled."""


def rollout_of(
    platforms: Sequence[Platform], missing: Sequence[Missing], files: Sequence[AuditedFile], skus_without_cost: int
) -> tuple[Step, ...]:
    """Steps in order, each with its reason; none where nothing was found."""
    if not files:
        return ()
    states = {(each.channel, each.need): each for each in missing if each.report == "pnl"}
    steps: list[tuple[str, str, str, dict[str, Any]]] = []
    if skus_without_cost:
        steps.append(("costs", "", "no_margin_without_costs", {"skus": skus_without_cost}))
    ordered = sorted(platforms, key=lambda each: (-_wholeness(each.channel, states), -each.value_minor, each.channel))
    for number, platform in enumerate(ordered):
        reason, facts = _reason(platform, states, is_first=number == 0)
        steps.append(("platform", platform.channel, reason, facts))
    unknown = [each for each in files if each.is_unknown_table]
    if unknown:
        kinds = sum(not each.same_columns_as for each in unknown)
        place = next((number for number, step in enumerate(steps) if step[0] == "platform"), len(steps) - 1) + 1
        steps.insert(place, ("declare", "", "files_unknown", {"files": len(unknown), "kinds": kinds}))
    silent = [
        each.channel for each in ordered if (state := states.get((each.channel, "ad_spend"))) and state.state != THERE
    ]
    if silent:
        steps.append(("advertising", "", "advertising_missing", {"channels": silent}))
    if platforms:
        steps.append(("close", "", "close_by_exception", {}))
    return tuple(Step(number, *step) for number, step in enumerate(steps, start=1))


def _wholeness(channel: str, states: dict[tuple[str, str], Missing]) -> int:
    """3 where orders, lines and settlement are whole; less for each that has gaps; one that is absent counts double."""
    found = [states[channel, need].state for need in RECONCILED_BY]
    return 3 - sum(2 if state == MISSING else state != THERE for state in found)


def _reason(
    platform: Platform, states: dict[tuple[str, str], Missing], *, is_first: bool
) -> tuple[str, dict[str, Any]]:
    lacking = [need for need in RECONCILED_BY if states[platform.channel, need].state != THERE]
    facts: dict[str, Any] = {"value_minor": platform.value_minor, "orders": platform.orders, "lacking": lacking}
    if not lacking:
        return ("whole_and_first" if is_first else "whole"), facts
    return ("nearest_to_whole" if is_first else "gaps_first"), facts
