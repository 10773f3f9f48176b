"""Settings of a cell, from `cell.toml`.

A folder without settings is a cell of region CN with one entity that keeps its books in CNY; every shop found in files
is assigned to it, and a finding says so.
"""

from __future__ import annotations

from collections import Counter
from datetime import date
from ipaddress import ip_address
from typing import TYPE_CHECKING, Annotated, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from entrepot.store.errors import SettingsInvalid
from entrepot.store.settings_words import explained

if TYPE_CHECKING:
    from entrepot.store.layout import CellLayout

DEFAULT_TOML = """\
# This folder is a cell: it holds the data of one region. See docs/reference/settings.md.
[cell]
region = "CN"
reporting_currency = "CNY"

[[entities]]
id = "main"
country = "CN"
functional_currency = "CNY"
"""


_PLAIN = "small letters, digits and hyphens, a letter first, at most 40"
Currency = Annotated[
    str, msgspec.Meta(pattern="^(?!RMB)[A-Z]{3}$", description='an ISO 4217 code such as "CNY" (which is that of RMB)')
]
Country = Annotated[str, msgspec.Meta(pattern="^[A-Z]{2}$", description='an ISO 3166 code of two letters such as "CN"')]


class Cell(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The cell itself.

    Attributes:
        region: Where its data was born and stays.
        reporting_currency: ISO 4217 code of its reports.
        name: What reports call the company.
        id: What other cells call it; empty takes the region in small letters.
        profile: The law it is under; empty takes the region.
        locations: Warehouses by the names that may leave the cell.
    """

    region: str = "CN"
    reporting_currency: Currency = "CNY"
    name: str = ""
    id: Annotated[str, msgspec.Meta(pattern="^([a-z][a-z0-9-]{0,39})?$", description=_PLAIN)] = ""
    profile: str = ""
    locations: tuple[str, ...] = ()


class EntitySettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A company of the group whose books this cell keeps.

    Attributes:
        id: Its code: what reports, journals and mappings call it.
        country: Where it is; sales of a company in China in its own shops bear Chinese VAT.
        functional_currency: Currency of its books.
        tax_registrations: Its tax numbers, with a blank between: invoices issued under them are those of its sales.
    """

    id: str
    country: Country = "CN"
    functional_currency: Currency = "CNY"
    tax_registrations: str = ""


class ShopSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A shop: which platform, whose, how it sells. Empty texts take the connector's default.

    Attributes:
        shop: Its name or number, as its files say it.
        channel: Platform: the name of its connector, or that of a declared format.
        entity: Company that sells there: an `id` of `[[entities]]`.
        sale_model: How it sells, which says whether VAT is in its prices and at which rate.
        recognition: Instant at which its sales are revenue.
        zone: Time zone of its business days.
        folder: A folder on the way to its files, where the platform has several shops and files do not name theirs.
    """

    shop: str
    channel: str
    entity: str
    sale_model: Literal[
        "",
        "domestic_pop",
        "cross_border_bonded_1210",
        "cross_border_direct_9610",
        "platform_1p_wholesale",
        "own_shop",
        "marketplace_facilitator",
    ] = ""
    recognition: Literal["", "placed", "paid", "shipped", "confirmed", "settled"] = ""
    zone: str = ""
    folder: str = ""


class WalletSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An account with a payment provider and the shop it serves.

    Attributes:
        wallet: What it is called.
        shop: Shop whose money it is: a `shop` of `[[shops]]`.
        account: Number of the account, as its files say it: files with it belong to the shop.
        currency: What it is kept in.
    """

    wallet: str
    shop: str
    account: str = ""
    currency: Currency = "CNY"


class CalendarSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The fiscal calendar: `months` from `first_month` on, or weeks: 4-4-5 and its sisters.

    Attributes:
        pattern: Weeks of the three periods of a quarter, or calendar months.
        first_month: First month of a year of calendar months.
        year_end: A year of weeks ends on the last such weekday of the month, or on the one nearest to the month's end.
        year_end_weekday: Weekday on which a year of weeks ends.
        year_end_month: Month in which a year of weeks ends.
        named_by: Whether a year is called by the calendar year in which it starts or ends. A year of weeks that ends
            beside December, be it in January, is called by that December's either way.
    """

    pattern: Literal["months", "4-4-5", "4-5-4", "5-4-4"] = "months"
    first_month: Annotated[int, msgspec.Meta(ge=1, le=12)] = 1
    year_end: Literal["last", "nearest"] = "last"
    year_end_weekday: Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"] = "saturday"
    year_end_month: Annotated[int, msgspec.Meta(ge=1, le=12)] = 12
    named_by: Literal["start", "end"] = "end"


class NotifySettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A place in the cell's own region to which the day's figures are sent.

    Attributes:
        kind: webhook gets JSON; the chats get a text; email gets a mail.
        region: Where the address is hosted; it has to be the cell's region.
        name: What messages of ours call it; else its kind and number.
        url: Address; https, for email `smtp://host:port` (STARTTLS) or `smtps://host:port`.
        url_env: Environment variable that holds the address, for addresses that are themselves a secret.
        to: Mail addresses of the receivers.
        sender: Mail address that it comes from.
        user: Name to log in to the mail server.
        secret_env: Environment variable that holds the signing secret or the mail server's password.
        lang: Language of the message.
    """

    kind: Literal["webhook", "feishu", "dingtalk", "wecom", "slack", "email"]
    region: str
    name: str = ""
    url: str = ""
    url_env: str = ""
    to: tuple[str, ...] = ()
    sender: str = ""
    user: str = ""
    secret_env: str = ""
    lang: Literal["en", "zh"] = "en"


class CompanionSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Another cell with which this one exchanges envelopes; nothing else of it is known here.

    Attributes:
        cell: Its name.
        region: Its region.
        verifier: Public key with which it signs, as `entrepot cell key` prints it there.
        send: Folder into which envelopes for it are put; through a broker it may be empty.
        receive: Folder in which its envelopes arrive; through a broker it may be empty.
        transport: `folder`: somebody else carries what lies in the two folders; `nats`: a NATS broker does, and gets
            nothing that is not encrypted for the other cell.
        broker: Address of the broker: `tls://host:port`, or `nats://` on this machine or in a network of one's own.
        broker_region: Where it is hosted: in the region of one of the two cells.
        broker_ca: File with the authority that signed its certificate; empty trusts those of the system.
        box: Public key for which mail to it is encrypted, as `entrepot gateway nats-key` prints it there.
    """

    cell: str
    region: str
    verifier: str
    send: str = ""
    receive: str = ""
    transport: Literal["folder", "nats"] = "folder"
    broker: str = ""
    broker_region: str = ""
    broker_ca: str = ""
    box: str = ""


class TargetSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An ERP in the cell's own region that gets documents.

    Attributes:
        name: What commands call it.
        erp: Its kind.
        region: Where it is hosted; it has to be the cell's region.
        url: Address of the server; of a folder its whole path.
        format: Of the files of a folder: csv if nothing is said.
        database: Its name there, where the ERP has several.
        user: Login.
        secret_env: Environment variable that holds the password or key.
        token_url: Where access tokens are got, for an ERP that leaves that to another server; in the region too.
        storage_url: Storage account of an ERP that takes data packages from there, in the region too; many documents
            then go in one package.
        book: The book that it takes; empty where the ledger has one only.
        per: What one journal holds.
        invoices: What one customer invoice holds; empty where sales go as journals only.
        credit_notes: What one credit note for refunds holds; empty where refunds go as journals only.
        payments: What one payment of invoices and credit notes holds; empty where journals pay and nothing is matched.
        sales_orders: Whether what buyers ordered goes as sales orders too, one for each; they book nothing.
        movements: What one goods issue of what was shipped to buyers, or goods receipt of what came back, holds; empty
            where the ERP gets no goods. They book nothing.
        master_data: Whether the parties and products that invoices name are made in the ERP and kept up, or are
            expected to be there under their codes.
        order_days: Days whose documents hold one order each.
        on_change: What happens to a document that changed in our books after it was sent: a reversal and a new one; for
            journals a further one with the difference (`correct`); or a person is asked.
        purpose: What it gets them for; part of its permit.
        fields: Columns that it gets beside those without which there is no document. Without `text` no order number
            reaches the ERP, without `product` no SKU, and without `product_name` products are called by their codes.
    """

    name: Annotated[str, msgspec.Meta(pattern="^[a-z][a-z0-9-]{0,39}$", description=_PLAIN)]
    erp: str
    region: str
    url: str
    format: Literal["", "csv", "xlsx", "ubl"] = ""
    database: str = ""
    user: str = ""
    secret_env: str = ""
    token_url: str = ""
    storage_url: str = ""
    book: Literal["", "local", "group"] = ""
    per: Literal["day", "order", "settlement"] = "day"
    invoices: Literal["", "day", "order", "settlement"] = ""
    credit_notes: Literal["", "day", "order", "settlement"] = ""
    payments: Literal["", "day", "order", "settlement"] = ""
    sales_orders: bool = False
    movements: Literal["", "day", "order"] = ""
    master_data: Literal["deliver", "expect"] = "deliver"
    order_days: tuple[date, ...] = ()
    on_change: Literal["repost", "correct", "ask"] = "repost"
    purpose: str = "bookkeeping"
    fields: tuple[Literal["text", "product", "product_name"], ...] = ("text",)


class ConnectionSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A shop that is synced from its platform's API. No secret stands here.

    Attributes:
        shop: The shop.
        channel: Platform: the name of its connector.
        region: Where the gateway is hosted; it has to be the cell's region.
        gateway: Its address; empty takes the platform's own.
        credentials: Where its secrets are kept.
        env_prefix: Beginning of the variables' names, for `env`.
        calls_per_s: Calls per second and method where the platform publishes no limit; 0 keeps the assumed ones.
        calls_at_once: Calls that are under way together where answers take their time; limits hold all the same.
        bills: Whether bills and settlements are fetched too; an app may lack the right to them.
        messages: Whether the platform's push messages are taken, so that a change is read before the next look.
        message_group: Group of the app's messages that is asked for (Tmall); empty takes the default one, which every
            program that asks with this app shares.
        message_gateway: Address of the message service of a platform that sends messages on a connection of ours; empty
            takes the platform's own.
        message_door: Address at which messages of a platform that posts them are waited for, as `127.0.0.1:8085`: on
            this computer or in a network of one's own, behind a proxy that ends TLS. Empty listens nowhere.
        seller: The shop's number at the platform, as messages name it; needed where several shops share one app.
    """

    shop: str
    channel: str
    region: str
    gateway: str = ""
    credentials: Literal["keyring", "env", "file"] = "keyring"
    env_prefix: str = ""
    calls_per_s: Annotated[float, msgspec.Meta(ge=0)] = 0.0
    calls_at_once: Annotated[int, msgspec.Meta(ge=1, le=32)] = 4
    bills: bool = True
    messages: bool = False
    message_group: str = ""
    message_gateway: str = ""
    message_door: str = ""
    seller: str = ""


class CellSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Everything in `cell.toml`."""

    cell: Cell = msgspec.field(default_factory=Cell)
    entities: tuple[EntitySettings, ...] = (EntitySettings("main"),)
    shops: tuple[ShopSettings, ...] = ()
    wallets: tuple[WalletSettings, ...] = ()
    calendar: CalendarSettings = msgspec.field(default_factory=CalendarSettings)
    notify: tuple[NotifySettings, ...] = ()
    companions: tuple[CompanionSettings, ...] = ()
    targets: tuple[TargetSettings, ...] = ()
    connections: tuple[ConnectionSettings, ...] = ()


def load_settings(layout: CellLayout) -> CellSettings:
    """Read `cell.toml`; defaults when there is none.

    Raises:
        SettingsInvalid: The file is not TOML, has a key or a value that is not known, names something twice, names an
            entity, shop or zone that is not there, or a connection or a place to notify that is incomplete or of
            another region.
    """
    if not layout.settings.exists():
        return CellSettings()
    path, text = str(layout.settings), layout.settings.read_bytes()
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
    address = urlsplit(companion.broker)
    if address.scheme not in {"tls", "nats"} or not address.hostname:
        return "`broker` is an address like tls://broker.example:4222"
    if address.scheme == "nats" and not _is_own_network(address.hostname):
        return "without TLS a broker is reached on this machine or by a private address only; write tls://"
    return ""


def _door_problem(connection: ConnectionSettings) -> str:
    """Where messages may not be waited for: they come without TLS, and some name people."""
    if not connection.message_door:
        return ""
    address = urlsplit(f"//{connection.message_door}")
    try:
        is_whole = bool(address.hostname) and address.port is not None and not address.path
    except ValueError:
        is_whole = False
    if not is_whole:
        return "`message_door` is an address like 127.0.0.1:8085"
    if _is_everywhere(address.hostname or "") or not _is_own_network(address.hostname or ""):
        return (
            "`message_door` is on this machine or a private address: messages come there without TLS, from the proxy "
            "that ends it"
        )
    return ""


def _stream_problem(connection: ConnectionSettings) -> str:
    """Where messages may not be asked for: the connection is signed by the app's secret, and some name people."""
    if not connection.message_gateway:
        return ""
    address = urlsplit(connection.message_gateway)
    try:
        is_whole = bool(address.hostname) and (address.port is None or address.port > 0)
    except ValueError:
        is_whole = False
    if address.scheme not in {"wss", "ws"} or not is_whole:
        return "`message_gateway` is an address like wss://messages.example"
    if address.scheme == "ws" and not _is_own_network(address.hostname or ""):
        return "without TLS messages are taken on this machine or from a private address only; write wss://"
    return ""


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
