"""What a Tryton holds, told by its own client: sums of posted moves, what customers still owe, states of invoices.

    python read_back.py CONF DATABASE > told.json

A second reader for tests: no line of Entrepot is imported, and none of its adapter's calls are used.
"""

import json
import sys
from collections import Counter, defaultdict
from decimal import Decimal


def main() -> None:
    """Print what is told, amounts as decimal texts.

    `balances`: company, month, account, debit, credit and lines. `owed`: company, party, debit and credit of lines on
    accounts of parties that nothing is matched with. `invoices`: by state, how many.
    """
    from proteus import Model, config

    file, database = sys.argv[1:]
    config.set_trytond(database, config_file=file)
    sums: dict[tuple[str, str, str], list[Decimal | int]] = defaultdict(lambda: [Decimal(0), Decimal(0), 0])
    owed: dict[tuple[str, str], list[Decimal]] = defaultdict(lambda: [Decimal(0), Decimal(0)])
    for move in Model.get("account.move").find([("state", "=", "posted")]):
        for line in move.lines:
            own = sums[move.company.party.code, f"{move.date:%Y-%m}", line.account.code]
            own[0] += line.debit
            own[1] += line.credit
            own[2] += 1
            if line.account.party_required and line.reconciliation is None:
                open_lines = owed[move.company.party.code, line.party.code]
                open_lines[0] += line.debit
                open_lines[1] += line.credit
    told = {
        "balances": [[*key, str(debit), str(credit), lines] for key, (debit, credit, lines) in sorted(sums.items())],
        "owed": [[*key, str(debit), str(credit)] for key, (debit, credit) in sorted(owed.items())],
        "invoices": Counter(invoice.state for invoice in Model.get("account.invoice").find([])),
    }
    json.dump(told, sys.stdout)


if __name__ == "__main__":
    main()
