"""What a Tryton holds, told by its own client: debits and credits of posted moves by company, month and account.

    python read_back.py CONF DATABASE > balances.json

A second reader for tests: no line of Entrepot is imported, and none of its adapter's calls are used.
"""

import json
import sys
from collections import defaultdict
from decimal import Decimal


def main() -> None:
    """Print a list of company, month, account, debit, credit (decimal texts) and lines."""
    from proteus import Model, config

    file, database = sys.argv[1:]
    config.set_trytond(database, config_file=file)
    sums: dict[tuple[str, str, str], list[Decimal | int]] = defaultdict(lambda: [Decimal(0), Decimal(0), 0])
    for move in Model.get("account.move").find([("state", "=", "posted")]):
        for line in move.lines:
            own = sums[move.company.party.code, f"{move.date:%Y-%m}", line.account.code]
            own[0] += line.debit
            own[1] += line.credit
            own[2] += 1
    rows = [[*key, str(debit), str(credit), lines] for key, (debit, credit, lines) in sorted(sums.items())]
    json.dump(rows, sys.stdout)


if __name__ == "__main__":
    main()
