"""Reading `cell.toml`: what cannot be right is refused before anything is done with it."""

from __future__ import annotations

from codecs import BOM_UTF8
from collections import Counter
from ipaddress import ip_address
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from entrepot.store.errors import SettingsInvalid
from entrepot.store.settings import (
    CalendarSettings,
    CellSettings,
    CompanionSettings,
    ConnectionSettings,
    NotifySettings,
    TargetSettings,
)
from entrepot.store.settings_words import explained

if TYPE_CHECKING:
    from entrepot.store.layout import CellLayout


def load_settings(layout: CellLayout) -> CellSettings:
    """Read `cell.toml`; defaults when there is none.

    Raises:
        SettingsInvalid: The file is not TOML, has a key or a value that is not known, names something twice, names an
            entity, shop or zone that is not there, or a connection or a place to notify that is incomplete or of
            another region.
    """
    if not layout.settings.exists():
        return CellSettings()
    path, text = str(layout.settings), layout.settings.read_bytes().removeprefix(BOM_UTF8)
    try:
        text.decode("utf-8")
    except UnicodeDecodeError as error:
        raise SettingsInvalid(path, "it is not in UTF-8; save it anew in that encoding") from error
    try:
        settings = msgspec.toml.decode(text, type=CellSettings)
    except msgspec.ValidationError as error:
        raise SettingsInvalid(path, explained(error, text, CellSettings)) from error
    except msgspec.DecodeError as error:
        raise SettingsInvalid(path, str(error)) from error
    if problem := _company_problem(settings) or _named_twice(settings):
        raise SettingsInvalid(path, problem)
    _check_outside(settings, path)
    return settings


def _company_problem(settings: CellSettings) -> str:
    """Entities, shops and zones that others name and that are not there."""
    entities = {entity.id for entity in settings.entities}
    shops = {shop.shop for shop in settings.shops}
    for shop in settings.shops:
        if shop.entity not in entities:
            return f"shop {shop.shop} names the entity {shop.entity}, which is not under [[entities]]"
        if shop.zone and not _is_zone(shop.zone):
            return (
                f'shop {shop.shop} has the zone {shop.zone}, which is none; write one such as "Asia/Shanghai" or "UTC"'
            )
    for wallet in settings.wallets:
        if wallet.shop not in shops:
            return f"wallet {wallet.wallet} names the shop {wallet.shop}, which is not under [[shops]]"
    if not settings.entities:
        return "it has no [[entities]]; one is needed"
    if problem := _calendar_problem(settings.calendar):
        return f"[calendar]: {problem}"
    return ""


def _named_twice(settings: CellSettings) -> str:
    """What stands there twice; which of both holds nobody could say."""
    names = {
        "entities": [each.id for each in settings.entities],
        "shops": [f"{each.shop} ({each.channel})" for each in settings.shops],
        "wallets": [each.wallet for each in settings.wallets],
        "targets": [each.name for each in settings.targets],
        "companions": [each.cell for each in settings.companions],
        "connections": [f"{each.shop} ({each.channel})" for each in settings.connections],
    }
    for section, given in names.items():
        if twice := [name for name, count in Counter(given).items() if count > 1]:
            return f"[[{section}]] has {twice[0]} twice; leave one of them"
    return ""


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def _calendar_problem(calendar: CalendarSettings) -> str:
    """A setting of the other kind of calendar, whose year would begin elsewhere than its writer thinks."""
    plain = CalendarSettings()
    if calendar.pattern != "months" and calendar.first_month != plain.first_month:
        return f"a year of weeks ({calendar.pattern}) has no first_month; say by year_end_month where it ends"
    weeks = ("year_end", "year_end_weekday", "year_end_month")
    of_weeks = [each for each in weeks if getattr(calendar, each) != getattr(plain, each)]
    if calendar.pattern == "months" and of_weeks:
        names = ", ".join(of_weeks)
        return f"{names} is of a year of weeks; set `pattern`, or say by first_month where a year of months begins"
    return ""


def _check_outside(settings: CellSettings, path: str) -> None:
    """Whatever is called is hosted in the cell's own region."""
    for number, target in enumerate(settings.notify, start=1):
        # Neither the address nor the receivers are named: the one may be a secret, the others are people.
        if problem := _problem_of(target, settings.cell.region):
            raise SettingsInvalid(path, f"[[notify]] number {number} ({target.kind}): {problem}")
    for erp in settings.targets:
        if problem := _target_problem(erp, settings.cell.region):
            raise SettingsInvalid(path, f"[[targets]] {erp.name}: {problem}")
    for companion in settings.companions:
        if problem := _link_problem(companion, settings.cell.region):
            raise SettingsInvalid(path, f"[[companions]] {companion.cell}: {problem}")
    for connection in settings.connections:
        if connection.region.lower() != settings.cell.region.lower():
            raise SettingsInvalid(
                path,
                f"the connection of {connection.shop} is hosted in {connection.region}, and this cell is of "
                f"{settings.cell.region}; a cell calls within its own region only",
            )
        if problem := _door_problem(connection) or _stream_problem(connection):
            raise SettingsInvalid(path, f"the connection of {connection.shop}: {problem}")


def _target_problem(target: TargetSettings, own_region: str) -> str:
    """Where an ERP may not be, and documents that it could not get."""
    if target.region.lower() != own_region.lower():
        return (
            f"it is hosted in {target.region}, and this cell is of {own_region}; a cell delivers within its own region "
            "only, so give it to the cell of that region"
        )
    if target.payments and not (target.invoices or target.credit_notes):
        return "payments settle invoices or credit notes, and it gets neither; set `invoices`, or leave `payments` out"
    if target.sales_orders and "product" not in target.fields:
        return "a sales order says which SKU was sold; add `product` to `fields`, or leave `sales_orders` out"
    if target.movements and "product" not in target.fields:
        return "a goods issue says which SKU left; add `product` to `fields`, or leave `movements` out"
    return ""


def _problem_of(target: NotifySettings, own_region: str) -> str:
    if target.region.lower() != own_region.lower():
        return (
            f"it is hosted in {target.region}, and this cell is of {own_region}; a cell sends within its own region "
            "only, so give it to the cell of that region"
        )
    if bool(target.url) == bool(target.url_env):
        return "it needs one of url and url_env"
    if target.kind == "email" and not (target.to and target.sender):
        return "an email needs `to` and `sender`"
    return ""


def _link_problem(companion: CompanionSettings, own_region: str) -> str:
    """What a link through a broker lacks."""
    stated = (companion.broker, companion.broker_region, companion.box)
    if companion.transport == "folder":
        return 'broker settings need `transport = "nats"`' if any((*stated, companion.broker_ca)) else ""
    if not all(stated):
        return "a link through a broker needs `broker`, `broker_region` and `box`; nothing enters it unencrypted"
    if companion.broker_region.lower() not in {own_region.lower(), companion.region.lower()}:
        return (
            f"its broker is hosted in {companion.broker_region}, which is the region of neither cell; a third region "
            "would be a transfer of its own"
        )
    address = _split(companion.broker)
    if address is None or address.scheme not in {"tls", "nats"} or not address.hostname:
        return "`broker` is an address like tls://broker.example:4222"
    if address.scheme == "nats" and not _is_own_network(address.hostname):
        return "without TLS a broker is reached on this machine or by a private address only; write tls://"
    return ""


def _door_problem(connection: ConnectionSettings) -> str:
    """Where messages may not be waited for: they come without TLS, and some name people."""
    if not connection.message_door:
        return ""
    address = _split(f"//{connection.message_door}")
    if address is None or not address.hostname or address.port is None or address.path:
        return "`message_door` is an address like 127.0.0.1:8085"
    if _is_everywhere(address.hostname) or not _is_own_network(address.hostname):
        return (
            "`message_door` is on this machine or a private address: messages come there without TLS, from the proxy "
            "that ends it"
        )
    return ""


def _stream_problem(connection: ConnectionSettings) -> str:
    """Where messages may not be asked for: the connection is signed by the app's secret, and some name people."""
    if not connection.message_gateway:
        return ""
    address = _split(connection.message_gateway)
    if address is None or address.scheme not in {"wss", "ws"} or not address.hostname or address.port == 0:
        return "`message_gateway` is an address like wss://messages.example"
    if address.scheme == "ws" and not _is_own_network(address.hostname):
        return "without TLS messages are taken on this machine or from a private address only; write wss://"
    return ""


def _split(address: str) -> SplitResult | None:
    """The parts of an address; None for half a one, such as `[::1` or a port that is no number."""
    try:
        found = urlsplit(address)
        _ = found.port
    except ValueError:
        return None
    return found


def _is_everywhere(host: str) -> bool:
    """Whether who listens there listens on every address of the computer, however it is spelt."""
    try:
        found = ip_address(host)
    except ValueError:
        return False
    return found.is_unspecified or (getattr(found, "ipv4_mapped", None) or found).is_unspecified


def _is_own_network(host: str) -> bool:
    """Whether an address cannot be reached through the public internet."""
    try:
        return ip_address(host).is_private
    except ValueError:
        return host == "localhost"
