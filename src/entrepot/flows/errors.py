"""What a journey may refuse."""

from __future__ import annotations

from entrepot.errors import Refused


class ReasonNeeded(Refused):
    """Personal tables are read only with a reason."""

    code = "flows.reason_needed"

    def __init__(self, tables: tuple[str, ...]) -> None:
        super().__init__(tables)
        self.tables = tables

    def __str__(self) -> str:
        return (
            f"{', '.join(self.tables)} holds personal data; say why you read it: --personal 'REASON' "
            "(the reason is logged)"
        )
