"""What a shop spends on advertising, as a platform reports it day by day: at first more than in the end.

A world that is the sample company has the company's advertising, which its files tell too; else the seed draws it. Not
sourced, and set here: that clicks which were no clicks are given back on the third day.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from random import Random
from typing import TYPE_CHECKING, Any

from entrepot.sandbox.http.bills import DAY, beijing, day_start_s

if TYPE_CHECKING:
    from entrepot.sandbox.http.world import LiveWorld

_FIRST_ID = 68_792_788_000
_GIVEN_BACK_S = 2 * DAY
"""So long after a day's end its spend is as it will stay."""
_GIVEN_BACK_EVERY, _GIVEN_BACK_PART = 4, 25


@dataclass(frozen=True, slots=True)
class Spent:
    """What a campaign spent on a day.

    Attributes:
        day: `YYYY-MM-DD` in Beijing.
        campaign_id: The platform's number.
        campaign: What the shop calls it.
        minor: Fen, as it stays in the end.
        given_back_minor: So much more was told at first.
    """

    day: str
    campaign_id: str
    campaign: str
    minor: int
    given_back_minor: int = 0


@dataclass
class Advertising:
    """Advertising of one shop.

    Attributes:
        world: Its world.
        campaigns: Names of those that are drawn.
    """

    world: LiveWorld
    campaigns: tuple[str, ...]

    def told(self, day: str, now: int) -> list[Spent]:
        """What the platform tells of a day at an instant, largest first as it shows them; nothing of days to come."""
        start_s = day_start_s(day)
        if start_s is None or now < start_s:
            return []
        found = [self._seen(each, now - start_s - DAY) for each in self._spent if each.day == day]
        return sorted((each for each in found if each.minor), key=lambda each: (-each.minor, each.campaign_id))

    def named(self) -> dict[str, str]:
        """Every campaign that there is, to its number."""
        return {each.campaign: each.campaign_id for each in self._spent}

    def truth(self, now: int) -> list[dict[str, Any]]:
        """Days whose spend will stay as it is, in the words of the canonical table."""
        return [
            {"spent_on": each.day, "campaign": each.campaign, "currency": "CNY", "amount_minor": each.minor}
            for each in self._spent
            if now >= (day_start_s(each.day) or 0) + DAY + _GIVEN_BACK_S
        ]

    @staticmethod
    def _seen(each: Spent, past_s: int) -> Spent:
        """A campaign's day so long after the day's end."""
        if past_s >= _GIVEN_BACK_S:
            return Spent(each.day, each.campaign_id, each.campaign, each.minor)
        whole = each.minor + each.given_back_minor
        part = whole if past_s >= 0 else whole * (past_s + DAY) // DAY
        return Spent(each.day, each.campaign_id, each.campaign, part)

    @cached_property
    def _spent(self) -> list[Spent]:
        rows = [(each.day, each.campaign, each.minor) for each in self.world.ads] or self._drawn()
        ids = {name: str(_FIRST_ID + place) for place, name in enumerate(sorted({name for _, name, _ in rows}))}
        return [
            Spent(day, ids[name], name, minor, minor // _GIVEN_BACK_PART if number % _GIVEN_BACK_EVERY == 0 else 0)
            for number, (day, name, minor) in enumerate(rows)
        ]

    def _drawn(self) -> list[tuple[str, str, int]]:
        dice = Random(self.world.seed)  # noqa: S311 two runs must agree
        days = [beijing(self.world.start_s + number * DAY)[:10] for number in range(self.world.days + 2)]
        return [(day, name, dice.randrange(20_000, 90_000)) for day in days for name in self.campaigns]
