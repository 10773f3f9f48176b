"""Fill an empty Tryton with a group: companies, charts, fiscal years. Run by Tryton's own interpreter.

    python set_up.py CONF DATABASE < group.json

`group.json` holds `companies` (code, name, currency), `accounts` (code, name, kind, for every company), `currencies`
(codes), `rates` (by code, where there are some) and `years` (first, last); what a bookkeeper would key in once. Nothing
of Entrepot is imported here.
"""

# No types: this file runs beside Tryton, whose client makes its classes at run time.
import datetime as dt
import json
import sys
from collections.abc import Callable
from decimal import Decimal
from typing import Any

Get = Callable[..., Any]
"""Gives a class of Tryton by name."""

_FLAGS: dict[str, dict[str, Any]] = {
    "asset": {"statement": "balance", "assets": True},
    "receivable": {"statement": "balance", "assets": True, "receivable": True},
    "liability": {"statement": "balance"},
    "equity": {"statement": "balance"},
    "suspense": {"statement": "balance", "assets": True},
    "income": {"statement": "income", "revenue": True},
    "expense": {"statement": "income", "expense": True},
}


def _currency(get: Get, code: str) -> Any:  # noqa: ANN401 made at run time
    kind = get("currency.currency")
    found = kind.find([("code", "=", code)])
    if found:
        return found[0]
    digits = 0 if code in ("JPY", "KRW", "VND") else 2
    made = kind(name=code, code=code, rounding=Decimal(1).scaleb(-digits), digits=digits)
    made.save()
    return made


def _company(get: Get, code: str, name: str, currency: str) -> Any:  # noqa: ANN401 made at run time
    party = get("party.party")(name=name, code=code)
    party.save()
    from proteus import Wizard

    wizard = Wizard("company.company.config")
    wizard.execute("company")
    wizard.form.party = party
    wizard.form.currency = _currency(get, currency)
    wizard.execute("add")
    return get("company.company").find([("party.code", "=", code)])[0]


def _chart(get: Get, company: Any, accounts: list[dict[str, str]]) -> None:  # noqa: ANN401 made at run time
    type_of, account_of = get("account.account.type"), get("account.account")
    kinds = sorted({each["kind"] for each in accounts})
    # One call for all: one by one, four charts of fifty accounts take half a minute.
    numbers = type_of._proxy.create(  # noqa: SLF001 its client fetches defaults for each record
        [{"name": kind, "company": company.id, **_FLAGS[kind]} for kind in kinds],
        company._context,  # noqa: SLF001
    )
    types = dict(zip(kinds, numbers, strict=True))
    rows = [
        {
            "code": each["code"],
            "name": each["name"],
            "type": types[each["kind"]],
            "company": company.id,
            # What customers owe is kept by customer, and matched with what they pay.
            "party_required": each["kind"] == "receivable",
            "reconcile": each["kind"] == "receivable",
        }
        for each in accounts
    ]
    account_of._proxy.create(rows, company._context)  # noqa: SLF001


def _category(get: Get, company: Any) -> None:  # noqa: ANN401 made at run time
    """What products need before an invoice can name them: an accounting category with the company's account."""
    kind = get("product.category")
    found = kind.find([("name", "=", "Entrepot")])
    category = found[0] if found else kind(name="Entrepot", accounting=True)
    category.account_revenue = get("account.account").find(
        [("company", "=", company.id), ("type.revenue", "=", True)], limit=1
    )[0]
    category.save()


def _plain_report(get: Get) -> None:
    """Let an invoice be printed as a word: a page takes longer than the posting, and nobody reads it here."""
    (report,) = get("ir.action.report").find([("report_name", "=", "account.invoice")])
    report.template_extension, report.extension, report.report_content_custom = "txt", "", b"-"
    report.save()


def _year(get: Get, company: object, year: int) -> None:
    sequence_type = get("ir.sequence.type").find([("name", "=", "Account Move")])[0]
    sequence = get("ir.sequence.strict")(name=f"{year}", sequence_type=sequence_type, company=company)
    sequence.save()
    made = get("account.fiscalyear")(name=f"{year}", company=company)
    made.start_date, made.end_date = dt.date(year, 1, 1), dt.date(year, 12, 31)
    made.move_sequence = sequence
    of_invoices = get("ir.sequence.type").find([("name", "=", "Invoice")])[0]
    numbers = get("ir.sequence.strict")(name=f"{year} invoices", sequence_type=of_invoices, company=company)
    numbers.save()
    (own,) = made.invoice_sequences
    own.out_invoice_sequence = own.in_invoice_sequence = numbers
    own.out_credit_note_sequence = own.in_credit_note_sequence = numbers
    made.save()
    made.click("create_period")


def main() -> None:
    """Make everything in one go; the user of the server then belongs to every company."""
    from proteus import Model, config

    get: Get = Model.get
    file, database = sys.argv[1:]
    group = json.load(sys.stdin)
    current = config.set_trytond(database, config_file=file)
    users = get("res.user")
    companies = [_company(get, each["code"], each["name"], each["currency"]) for each in group["companies"]]
    user = users.find([("login", "=", "admin")])[0]
    known = {company.id for company in user.companies}
    user.companies.extend(company for company in companies if company.id not in known)
    user.company = companies[0]
    user.save()
    for code in group["currencies"]:
        currency, rate = _currency(get, code), group.get("rates", {}).get(code)
        if rate:
            first = dt.date(group["years"][0], 1, 1)
            get("currency.currency.rate")(currency=currency, date=first, rate=Decimal(rate)).save()
    _plain_report(get)
    for company in companies:
        user.company = company
        user.save()
        # As after logging in anew: rules look at the companies and the company of the preferences.
        current._context = users.get_preferences(True, {})  # noqa: SLF001 its own tests set it so
        _chart(get, company, group["accounts"])
        _category(get, company)
        for year in range(group["years"][0], group["years"][1] + 1):
            _year(get, company, year)
    # One user writes for all companies.
    user.company_filter = "all"
    user.save()


if __name__ == "__main__":
    main()
