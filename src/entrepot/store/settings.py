"""Settings of a cell, from `cell.toml`.

A folder without settings is a cell of region CN with one entity that keeps its books in CNY; every shop found in files
is assigned to it, and a finding says so.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

import msgspec

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
