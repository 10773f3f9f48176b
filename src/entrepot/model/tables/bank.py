"""What moved on the company's bank accounts, and which payouts of platforms it was."""

from __future__ import annotations

from entrepot.model.fields import Origin, ResidencyClass, Table, day, integer, local, minor, pseudonym, text

_BUSINESS = ResidencyClass.BUSINESS

BANK_LINES = Table(
    "bank_lines",
    Origin.OBSERVED,
    ("bank_line_id",),
    (
        pseudonym("bank_line_id", "Account and the bank's line number, or a digest of the line.", required=True),
        text("bank_account", "Account of the statement, or the name it was imported under.", _BUSINESS, required=True),
        text("channel", "Always `own`: the account is the company's.", required=True),
        text("month", "Month of the booking, `YYYY-MM`.", required=True),
        day("booked_on", "Day on which the bank booked it.", required=True),
        integer("statement_order", "Place of the row in its statement, earliest first."),
        text("currency", "ISO 4217 code.", _BUSINESS, required=True),
        minor("amount_minor", "Signed; positive into the account.", required=True),
        minor("fee_minor", "What the bank kept of the amount sent, where the statement says so; not negative."),
        minor("balance_minor", "Balance after the movement, where the statement prints it."),
        local("counterparty", "Name on the other side, who may be a person."),
        local("reference", "What the statement says about it."),
    ),
    "Movements of the company's bank accounts.",
    ("channel", "month"),
)

BANK_DECISIONS = Table(
    "bank_decisions",
    Origin.OBSERVED,
    ("bank_line_id", "payout_id"),
    (
        pseudonym("bank_line_id", "The movement; see `bank_lines`.", required=True),
        pseudonym("payout_id", "The payout; see `payouts`.", required=True),
        text("channel", "Always `own`: people wrote the list.", required=True),
        text("decision", "accepted or refused.", required=True),
        local("decided_by", "Who decided."),
        local("reason", "Why."),
    ),
    "Which movement is which payout, as people decided.",
    ("channel",),
)

PAYOUTS = Table(
    "payouts",
    Origin.DERIVED,
    ("payout_id",),
    (
        pseudonym("payout_id", "The settlement line that states it; of a batch without one, the batch.", required=True),
        text("kind", "withdrawal (a wallet's or a batch's line), batch, top_up (money into a wallet).", required=True),
        text("channel", "Platform or payment provider that pays.", required=True),
        text("shop_channel", "Platform of the shop."),
        text("shop", "Shop it is of."),
        text("entity_id", "Company."),
        text("wallet_id", "Wallet it leaves."),
        text("settlement_id", "Batch it pays."),
        text("currency", "ISO 4217 code.", _BUSINESS, required=True),
        minor("amount_minor", "Signed; positive towards the bank.", required=True),
        day("paid_on", "Day in the shop's zone."),
    ),
    "Money on its way between a platform and the bank.",
)

BANK_MATCHES = Table(
    "bank_matches",
    Origin.DERIVED,
    ("match_id",),
    (
        pseudonym("match_id", "Digest of what is matched.", required=True),
        pseudonym("bank_line_id", "The movement; null where two payouts cancel."),
        pseudonym("payout_id", "The payout; null where two movements cancel."),
        text("state", "matched, confirmed (by a person), returned (cancels another), proposed.", required=True),
        text("rule", "reference, exact, merged, parts, exchanged, person, returned, near.", required=True),
        text("reason", "Why it is only proposed: several_alike, other_counterparty, near_amount, near_day."),
        text("channel", "Platform or payment provider that paid."),
        text("shop_channel", "Platform of the shop."),
        text("shop", "Shop."),
        text("entity_id", "Company."),
        text("wallet_id", "Wallet that the money left."),
        text("bank_account", "Account.", _BUSINESS),
        day("booked_on", "Day at the bank."),
        day("paid_on", "Day of the payout."),
        integer("days", "Days from payout to bank."),
        text("currency", "ISO 4217 code of the account.", _BUSINESS),
        minor("bank_minor", "Part of the movement that this is."),
        minor("fee_minor", "Part of the stated fee of the bank."),
        text("payout_currency", "ISO 4217 code of the payout.", _BUSINESS),
        minor("payout_minor", "Part of the payout that this is."),
    ),
    "Which movement of the bank is which payout; what is only proposed posts nothing.",
)

BANK_TABLES = (BANK_LINES, BANK_DECISIONS, PAYOUTS, BANK_MATCHES)
