"""Amazon's settlement report in every currency of its code list."""

from __future__ import annotations

from entrepot.model import minor_digits
from tests.connectors.amazon.test_amazon_settlement import text_of
from tests.connectors.casework import CaseFile, code_list, translated


def test_every_currency_is_read_with_its_digits() -> None:
    currencies = [row["currency"] for row in code_list("amazon", "currencies")]
    files = [
        CaseFile(
            text_of(
                {"order-id": f"112-{number:07d}-0000001"},
                totals={"settlement-id": str(18800000000 + number), "currency": code},
            ),
            f"{code}.txt",
        )
        for number, code in enumerate(currencies)
    ]
    found = translated(*files)
    totals = {row["currency"]: row["stated_total_minor"] for row in found.tables["settlements"]}
    assert totals == {code: 20 * 10 ** minor_digits(code) for code in currencies}
