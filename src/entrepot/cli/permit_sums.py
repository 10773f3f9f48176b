"""`entrepot permit new-sums` and `new-counts`: permits by which sums of many persons leave, or counts with noise."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import msgspec
import typer

from entrepot.assembly import open_cell
from entrepot.cli.options import DEFAULT_HOME, Home
from entrepot.cli.output import console
from entrepot.flows.permits import new_permit
from entrepot.residency.aggregates.noise import Noise
from entrepot.residency.aggregates.rules import Rule
from entrepot.residency.permits.terms import Aggregates, Circumstances, Recipient

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

SUMS, COUNTS = "G", "L"
NO_CURRENCY = "XXX"
"""ISO 4217: no currency is involved."""

_MILLI = 1_000

Name = Annotated[str, typer.Argument(help="Name of the permit.")]
To = Annotated[str, typer.Option("--to", help="The receiving cell, as in [[companions]].")]
Months = Annotated[str, typer.Option("--months", help="FIRST:LAST, such as 2026-01:2026-12; a month leaves once over.")]
LegalName = Annotated[str, typer.Option("--recipient", help="Legal name of the recipient.")]
Region = Annotated[str, typer.Option("--recipient-region", help="Its region.")]
Contact = Annotated[str, typer.Option("--contact", help="Where it is reached; a function, never a person.")]
Platforms = Annotated[
    list[str] | None, typer.Option("--platform", help="CHANNEL=DOCUMENT that permits it; once for each platform.")
]
Important = Annotated[bool | None, typer.Option("--important-data/--no-important-data", help="As it was determined.")]
Shops = Annotated[list[str] | None, typer.Option("--shop", help="Only this shop; again for more.")]
OrdersAsPersons = Annotated[
    list[str] | None,
    typer.Option("--orders-as-persons", help="A channel that does not name its buyers; again for more."),
]


def new_sums_(
    name: Name,
    to: To,
    months: Months,
    currency: Annotated[str, typer.Option("--currency", help="Currency of the sums, ISO 4217.")],
    recipient: LegalName,
    recipient_region: Region,
    contact: Contact,
    processor: Annotated[str, typer.Option("--processor", help="Company whose report it is.")],
    *,
    home: Home = DEFAULT_HOME,
    purpose: Annotated[str, typer.Option("--purpose", help="group_accounts or planning.")] = "group_accounts",
    platform: Platforms = None,
    important_data: Important = None,
    shop: Shops = None,
    sku_group: Annotated[
        list[str] | None, typer.Option("--sku-group", help="GROUP=SKU,SKU; once for each group.")
    ] = None,
    orders_as_persons: OrdersAsPersons = None,
    persons_min: Annotated[int, typer.Option("--persons-min", help="Distinct persons behind each sum.", min=3)] = 10,
    days: Annotated[int, typer.Option("--days", help="Valid for so many days.", min=1)] = 365,
) -> None:
    """Write a permit by which the P&L leaves as safe sums. It is a YAML file; change it there before its first use.

    Example:  entrepot permit new-sums group --to global --months 2026-01:2026-12 --currency EUR --recipient "B GmbH"
    --recipient-region EU --contact privacy@brand.example --processor cn-shanghai --no-important-data
    --platform tmall=c-3
    """
    aggregates = aggregates_of(months, currency, sku_group or (), tuple(orders_as_persons or ()), persons_min)
    path = new_permit(
        open_cell(home),
        name,
        shape=SUMS,
        to=to,
        purpose=purpose,
        recipient=Recipient(recipient, recipient_region.upper(), contact),
        processor=processor,
        circumstances=Circumstances(important_data=important_data),
        platforms=platforms_of(platform),
        days=days,
        shops=tuple(shop or ()),
        aggregates=aggregates,
    )
    _print_written(path, home)


def new_counts_(
    name: Name,
    to: To,
    months: Months,
    recipient: LegalName,
    recipient_region: Region,
    contact: Contact,
    processor: Annotated[str, typer.Option("--processor", help="Company whose buyers they are.")],
    *,
    home: Home = DEFAULT_HOME,
    epsilon: Annotated[
        float, typer.Option("--epsilon", help="What a month costs; less is more noise.", min=0.001, max=10)
    ] = 0.5,
    budget: Annotated[
        float, typer.Option("--budget", help="What a year's counts may cost in all.", min=0.001, max=1000)
    ] = 6.0,
    purpose: Annotated[str, typer.Option("--purpose", help="group_accounts or planning.")] = "planning",
    platform: Platforms = None,
    important_data: Important = None,
    shop: Shops = None,
    orders_as_persons: OrdersAsPersons = None,
    days: Annotated[int, typer.Option("--days", help="Valid for so many days.", min=1)] = 365,
) -> None:
    """Write a permit by which numbers of buyers leave, each with noise. It needs `pip install 'entrepot[noise]'`.

    Example:  entrepot permit new-counts buyers --to global --months 2026-01:2026-12 --epsilon 0.5 --budget 6
    --recipient "B GmbH" --recipient-region EU --contact privacy@brand.example --processor cn-shanghai
    --no-important-data --platform tmall=c-3
    """
    aggregates = counts_of(months, epsilon, budget, tuple(orders_as_persons or ()))
    path = new_permit(
        open_cell(home),
        name,
        shape=COUNTS,
        to=to,
        purpose=purpose,
        recipient=Recipient(recipient, recipient_region.upper(), contact),
        processor=processor,
        circumstances=Circumstances(important_data=important_data),
        platforms=platforms_of(platform),
        days=days,
        shops=tuple(shop or ()),
        aggregates=aggregates,
    )
    _print_written(path, home)


def _print_written(path: Path, home: Path) -> None:
    console.print(f"permit    {path}", markup=False)
    console.print(f"next      entrepot permit check {path.stem} --home {home}", markup=False)


def counts_of(months: str, epsilon: float, budget: float, channels: tuple[str, ...] = ()) -> Aggregates:
    """Terms of counts with noise from options.

    Raises:
        BadParameter: They are not in their form.
    """
    first, _, last = months.partition(":")
    facts = {"currency": NO_CURRENCY, "month_from": first, "month_to": last, "orders_as_persons": channels}
    try:
        noise = Noise(round(epsilon * _MILLI), round(budget * _MILLI))
        return msgspec.convert(facts | {"noise": msgspec.to_builtins(noise)}, Aggregates)
    except (ValueError, msgspec.ValidationError) as error:
        raise typer.BadParameter(str(error)) from error


def platforms_of(options: Iterable[str] | None) -> dict[str, str]:
    """Channel to the document that permits taking its data out."""
    return dict(_pair(each, "--platform", "CHANNEL=DOCUMENT") for each in options or ())


def aggregates_of(
    months: str,
    currency: str,
    sku_groups: Iterable[str] = (),
    channels: tuple[str, ...] = (),
    persons_min: int = Rule().persons_min,
) -> Aggregates:
    """Terms of safe sums from options.

    Raises:
        BadParameter: They are not in their form.
    """
    first, _, last = months.partition(":")
    pairs = [_pair(each, "--sku-group", "GROUP=SKU,SKU") for each in sku_groups]
    facts = {
        "currency": currency.upper(),
        "month_from": first,
        "month_to": last,
        "sku_groups": {group: skus.split(",") for group, skus in pairs},
        "orders_as_persons": channels,
        "rule": {"persons_min": persons_min},
    }
    try:
        return msgspec.convert(facts, Aggregates)
    except msgspec.ValidationError as error:
        raise typer.BadParameter(str(error)) from error


def _pair(text: str, option: str, form: str) -> tuple[str, str]:
    left, _, right = text.partition("=")
    if not left or not right:
        raise typer.BadParameter(f"write {form}", param_hint=option)
    return left, right
