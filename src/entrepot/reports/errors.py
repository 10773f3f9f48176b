"""What a report may refuse."""

from __future__ import annotations

from entrepot.errors import Invalid


class CurrencyUnknown(Invalid):
    """A reporting currency without a rate."""

    code = "reports.currency_unknown"

    def __init__(self, currency: str) -> None:
        super().__init__(currency)
        self.currency = currency

    def __str__(self) -> str:
        return f"there is no rate for {self.currency}; name a currency that the ECB publishes, such as CNY, EUR or USD"
