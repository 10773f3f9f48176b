"""Headers of journals of Finance and Operations: found by their description, made before their lines, used while empty.

A description begins with the document's key. Where the lines come in a package, the name of the import that brings them
stands behind it, so that nobody sends them again while that import may still bring them in.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from entrepot.delivery.batches import change_set, parts_of
from entrepot.delivery.calls import Trouble, parsed, refusal
from entrepot.delivery.dynamics_fo.invoices import TEXT_LENGTH
from entrepot.delivery.erp import UNDER_WAY
from entrepot.delivery.keys import short_key
from entrepot.delivery.odata4 import said, text_literal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from entrepot.delivery.erp import Document
    from entrepot.delivery.odata4 import OData4

__all__ = ["LINES", "MARK", "Headers", "description"]

MARK = "EP-"
LINES = "data/LedgerJournalLines"
_HEADERS = "data/LedgerJournalHeaders"
_NAMED = re.compile(rf"{MARK}[0-9A-Za-z.]+ (?P<name>[0-9a-f]{{16}})(?: .*)?")
"""Description of a header whose lines went in a package: the key, then the name of the import."""

_AT_ONCE = 20
"""Journals in one question, or in one change set: an address has an end."""


def description(document: Document, name: str = "") -> str:
    """Of a header: the key, the import if its lines go by one, and what it is for."""
    words = (MARK + short_key(document.document_id), name, document.text)
    return " ".join(each for each in words if each)[:TEXT_LENGTH]


class Headers:
    """Headers of one environment.

    Args:
        api: Of the environment.
        journal_name: Under which journals are made.
        check_over: Holds that an import can bring nothing in any more.
    """

    def __init__(self, api: OData4, journal_name: str, check_over: Callable[[str], None]) -> None:
        self._api, self._journal_name, self._check_over = api, journal_name, check_over

    def of(self, documents: Sequence[Document], name: str = "") -> Mapping[str, str | Trouble]:
        """Journals to put lines into: new ones, or those that an earlier try has left empty.

        Args:
            documents: At most `AT_ONCE`, of one company.
            name: Of the import that will bring their lines in; '' where they go by themselves.

        Returns:
            By document id, its journal's number; or why it has none, such as an earlier import that may still bring its
            lines in.
        """
        try:
            of_key = self._there(documents)
            filled = self._filled(documents[0].company, [row for several in of_key.values() for row in several])
        except Trouble as trouble:
            return {each.document_id: _harmless(trouble) for each in documents}
        told: dict[str, str | Trouble] = {}
        for each in documents:
            try:
                if number := self._empty(each, of_key.get(MARK + short_key(each.document_id), []), filled, name):
                    told[each.document_id] = number
            except Trouble as trouble:
                told[each.document_id] = trouble
        return told | self._made([each for each in documents if each.document_id not in told], name)

    def still_of(self, company: str, numbers: Iterable[str], name: str) -> set[str]:
        """Those of some journals that still wait for an import: not posted, and no other import is to fill them.

        Raises:
            Trouble: There was no answer.
        """
        rows = self._by_number(_HEADERS, company, list(numbers), "JournalBatchNumber")
        return {str(row["JournalBatchNumber"]) for row in rows if _import_of(row) == name and row["IsPosted"] == "No"}

    def _there(self, documents: Sequence[Document]) -> dict[str, list[dict[str, Any]]]:
        """Headers of documents, by the first word of their description."""
        begins = (f"startswith(Description,{text_literal(MARK + short_key(each.document_id))})" for each in documents)
        mine = f"({' or '.join(begins)}) and dataAreaId eq {text_literal(documents[0].company)}"
        found: dict[str, list[dict[str, Any]]] = {}
        for row in self._api.rows(_HEADERS, filter=mine, orderby="JournalBatchNumber", cross="true"):
            found.setdefault(str(row["Description"]).split(" ", 1)[0], []).append(row)
        return found

    def _filled(self, company: str, headers: Sequence[Mapping[str, Any]]) -> set[str]:
        """Numbers of those journals that have lines."""
        numbers = [str(row["JournalBatchNumber"]) for row in headers]
        lines = self._by_number(LINES, company, numbers, "JournalBatchNumber,LineNumber")
        return {str(row["JournalBatchNumber"]) for row in lines}

    def _by_number(self, path: str, company: str, numbers: Sequence[str], order: str) -> Iterator[dict[str, Any]]:
        for first in range(0, len(numbers), _AT_ONCE):
            some = " or ".join(f"JournalBatchNumber eq {text_literal(each)}" for each in numbers[first:][:_AT_ONCE])
            mine = f"({some}) and dataAreaId eq {text_literal(company)}"
            yield from self._api.rows(path, filter=mine, orderby=order, cross="true")

    def _empty(self, document: Document, rows: Sequence[Mapping[str, Any]], filled: set[str], name: str) -> str:
        """The document's journal that has no lines; '' for none.

        Raises:
            Trouble: An import may still fill it, or has just done so.
        """
        for row in rows:
            number, earlier = str(row["JournalBatchNumber"]), _import_of(row)
            if earlier:
                self._check_over(earlier)
            if number not in filled:
                if name:
                    keys = f"dataAreaId={text_literal(document.company)},JournalBatchNumber={text_literal(number)}"
                    self._write("PATCH", f"{_HEADERS}({keys})", {"Description": description(document, name)})
                return number
            if earlier:
                # It was not there when it was looked for, and came in since.
                raise Trouble("unknown", UNDER_WAY, f"the import {earlier} has just brought it in")
        return ""

    def _made(self, documents: Sequence[Document], name: str) -> dict[str, str | Trouble]:
        """New journals; several are one change set, all or none of them."""
        bodies = [
            {
                "dataAreaId": each.company,
                "JournalName": self._journal_name,
                "Description": description(each, name),
            }
            for each in documents
        ]
        ids = [each.document_id for each in documents]
        try:
            if len(bodies) == 1:
                made = [self._write("POST", _HEADERS, bodies[0])]
            else:
                made = self._write_all(bodies) if bodies else []
        except Trouble as trouble:
            return dict.fromkeys(ids, trouble)
        return {key: str(row["JournalBatchNumber"]) for key, row in zip(ids, made, strict=True)}

    def _write_all(self, bodies: Sequence[Mapping[str, object]]) -> list[Mapping[str, Any]]:
        made = change_set("POST", "LedgerJournalHeaders?cross-company=true", bodies)
        told = {"Content-Type": made.content_type, "Accept": "multipart/mixed"}
        try:
            parts = parts_of(self._api.call("POST", "data/$batch", headers=told, content=made.content))
            for part in parts:
                if not part.is_success:
                    raise refusal(part, said(part)[1])
            return [parsed(part) for part in parts]
        except Trouble as trouble:
            raise _harmless(trouble) from trouble

    def _write(self, method: str, path: str, body: Mapping[str, object]) -> Mapping[str, Any]:
        try:
            answer = self._api.call(method, path, body, asked={"cross-company": "true"})
            return parsed(answer) if answer.content else {}
        except Trouble as trouble:
            raise _harmless(trouble) from trouble


def _import_of(row: Mapping[str, Any]) -> str:
    found = _NAMED.fullmatch(str(row["Description"]))
    return found["name"] if found else ""


def _harmless(trouble: Trouble) -> Trouble:
    """A header alone books nothing, so its loss leaves no doubt; the next try finds it if it is there."""
    if trouble.word != "unknown":
        return trouble
    return Trouble("retry_after", trouble.code, trouble.text, trouble.after_s)
