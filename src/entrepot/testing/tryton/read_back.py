"""What a Tryton holds, told by its own client: sums of moves, what customers owe, states of invoices, sales, goods.

    python read_back.py CONF DATABASE > told.json

A second reader for tests: no line of Entrepot is imported, and none of its adapter's calls are used. The client's own
proxies are asked for all lines at once: record by record a month of the demo took two minutes, and takes a second.
"""

import json
import sys
from collections import Counter, defaultdict
from decimal import Decimal

_FIELDS = ("account.code", "account.party_required", "party.code", "reconciliation", "debit", "credit")


def main() -> None:
    """Print what is told, amounts as decimal texts.

    `balances`: company, month, account, debit, credit and lines. `owed`: company, party, debit and credit of lines on
    accounts of parties that nothing is matched with. `invoices`: by state, how many. `sales`: company, currency, state,
    how many, untaxed amount, and how many invoices and shipments were made from them. `goods`: company, product, and
    the pieces that went to customers less those that came back, of moves that are done.
    """
    from proteus import Model, config

    file, database = sys.argv[1:]
    config.set_trytond(database, config_file=file)
    line_model, invoice_model = Model.get("account.move.line"), Model.get("account.invoice")
    sales = Model.get("sale.sale")._proxy  # noqa: SLF001 see below
    context = line_model._config.context  # noqa: SLF001 the client has no public way to read many records in one call
    lines, invoices = line_model._proxy, invoice_model._proxy  # noqa: SLF001
    codes = {company.id: company.party.code for company in Model.get("company.company").find([])}
    sums: dict[tuple[str, str, str], list[Decimal | int]] = defaultdict(lambda: [Decimal(0), Decimal(0), 0])
    owed: dict[tuple[str, str], list[Decimal]] = defaultdict(lambda: [Decimal(0), Decimal(0)])
    posted = lines.search([("move.state", "=", "posted")], 0, None, None, context)
    for line in lines.read(posted, [*_FIELDS, "move.company", "move.date"], context):
        move, account = line["move."], line["account."]
        company = codes[move["company"]]
        own = sums[company, f"{move['date']:%Y-%m}", account["code"]]
        own[0] += line["debit"]
        own[1] += line["credit"]
        own[2] += 1
        if account["party_required"] and line["reconciliation"] is None:
            open_lines = owed[company, line["party."]["code"]]
            open_lines[0] += line["debit"]
            open_lines[1] += line["credit"]
    sold: dict[tuple[str, str, str], list[Decimal | int]] = defaultdict(lambda: [0, Decimal(0), 0])
    names = ["company", "currency.code", "state", "untaxed_amount", "invoices", "shipments"]
    for sale in sales.read(sales.search([], 0, None, None, context), names, context):
        of_state = sold[codes[sale["company"]], sale["currency."]["code"], sale["state"]]
        of_state[0] += 1
        of_state[1] += sale["untaxed_amount"]
        of_state[2] += len(sale["invoices"]) + len(sale["shipments"])
    goods_model = Model.get("stock.move")._proxy  # noqa: SLF001 as above
    goods: dict[tuple[str, str], int] = defaultdict(int)
    names = ["company", "product.code", "internal_quantity", "from_location.type", "to_location.type"]
    for each in goods_model.read(goods_model.search([("state", "=", "done")], 0, None, None, context), names, context):
        sign = (each["to_location."]["type"] == "customer") - (each["from_location."]["type"] == "customer")
        goods[codes[each["company"]], each["product."]["code"]] += sign * int(each["internal_quantity"])
    everything = invoices.search([], 0, None, None, context)
    told = {
        "balances": [[*key, str(debit), str(credit), lines] for key, (debit, credit, lines) in sorted(sums.items())],
        "owed": [[*key, str(debit), str(credit)] for key, (debit, credit) in sorted(owed.items())],
        "sales": [[*key, count, str(net), made] for key, (count, net, made) in sorted(sold.items())],
        "goods": [[*key, pieces] for key, pieces in sorted(goods.items())],
        "invoices": Counter(invoice["state"] for invoice in invoices.read(everything, ["state"], context)),
    }
    json.dump(told, sys.stdout)


if __name__ == "__main__":
    main()
