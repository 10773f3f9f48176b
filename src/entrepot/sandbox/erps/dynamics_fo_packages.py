"""Data management of a simulated Finance and Operations: storage for packages, imports that a batch server carries out.

Written from Microsoft's article on the package API, from its articles on the entity *General journal*, and from what
two public clients say that a real environment asks of a package. That no import's name is taken twice is ours. What it
does not prove: how long imports take, set-based processing, what a real one says of a bad package, or that its formats
of dates and numbers are ours.
"""

from __future__ import annotations

import json
import zipfile
from collections import deque
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from io import BytesIO
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from xml.etree import ElementTree as ET

from entrepot.sandbox.erps.odata4 import RefusedError
from entrepot.sandbox.erps.serving import Answer

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from entrepot.sandbox.erps.serving import Call

__all__ = ["PUT_PATH", "Imports", "read_package"]

PUT_PATH = "/dmf/"
_SIGNED = "sig=signed"
_SPACE = "{http://schemas.microsoft.com/dynamics/2015/01/DataManagement}"
_ENTITY = "General journal"
_COLUMNS: Mapping[str, str] = {
    "JOURNALBATCHNUMBER": "JournalBatchNumber",
    "LINENUMBER": "LineNumber",
    "JOURNALNAME": "JournalName",
    "DESCRIPTION": "Description",
    "ACCOUNTTYPE": "AccountType",
    "ACCOUNTDISPLAYVALUE": "AccountDisplayValue",
    "CURRENCYCODE": "CurrencyCode",
    "DEBITAMOUNT": "DebitAmount",
    "CREDITAMOUNT": "CreditAmount",
    "TRANSDATE": "TransDate",
    "VOUCHER": "Voucher",
    "DOCUMENT": "Document",
    "INVOICE": "Invoice",
    "TEXT": "Text",
}
_TYPES = {"Ledger": "Ledger", "Customer": "Cust"}
_ASKED = frozenset({"packageUrl", "definitionGroupId", "executionId", "execute", "overwrite", "legalEntityId"})


@dataclass
class Import:
    """An import.

    Attributes:
        entity: Legal entity.
        content: The package.
        waits: Calls to the server until it begins; one later it is over.
        errors: What went wrong in it, by line; None until it was carried out.
    """

    entity: str
    content: bytes
    waits: int
    errors: list[str] | None = None

    @property
    def state(self) -> str:
        """As data management calls it."""
        if self.errors is None:
            return "NotRun" if self.waits > 0 else "Executing"
        return "PartiallySucceeded" if self.errors else "Succeeded"


@dataclass
class Imports:
    """Storage and imports.

    Attributes:
        waits: How many calls an import that begins from now on waits for.
        files: Packages by name.
        begun: Imports by name.
        origin: What the addresses of storage begin with, if it is not the server's own address.
        language: Of the words of refusals, unless the caller asks for English.
        prefix: What the names of actions begin with.
    """

    waits: int = 2
    files: dict[str, bytes] = field(default_factory=dict)
    begun: dict[str, Import] = field(default_factory=dict)
    origin: str = ""
    language: str = "en"
    prefix: str = "DataManagementDefinitionGroups/Microsoft.Dynamics.DataEntities."

    def put(self, call: Call) -> Answer:
        """Take a package, from whoever has the signed address."""
        if urlsplit(call.target).query != _SIGNED or call.headers.get("x-ms-blob-type") != "BlockBlob":
            raise RefusedError(403, "AuthenticationFailed", "Server failed to authenticate the request.")
        self.files[call.path.removeprefix(PUT_PATH)] = call.content
        return Answer(201)

    def due(self) -> Iterator[Import]:
        """Imports whose turn it is."""
        waiting = deque(each for each in self.begun.values() if each.errors is None)
        for each in waiting:
            each.waits -= 1
            if each.waits < 0:
                yield each

    def answer(self, action: str, call: Call, url: str) -> Answer:
        """Carry an action out."""
        body, is_english = call.body, "en" in (self.language, call.headers.get("accept-language", "")[:2])
        match action:
            case "GetAzureWriteUrl":
                place = f"{self.origin or url}{PUT_PATH}{body['uniqueFileName']}?{_SIGNED}"
                return _value(json.dumps({"BlobId": "{0}", "BlobUrl": place}))
            case "ImportFromPackage":
                return _value(self._begin(body))
            case "GetExecutionSummaryStatus":
                return _value(self._known(body, is_english=is_english).state)
            case "GetExecutionErrors":
                return _value(json.dumps(self._known(body, is_english=is_english).errors or []))
        raise RefusedError(404, "", f"No action {action}")

    def _begin(self, body: dict[str, Any]) -> str:
        if set(body) != _ASKED or body["execute"] is not True or body["overwrite"] is not True:
            raise RefusedError(400, "", "The parameters of ImportFromPackage are not these.")
        name = urlsplit(body["packageUrl"]).path.removeprefix(PUT_PATH)
        if name not in self.files:
            raise RefusedError(400, "", "The package does not exist.")
        execution = str(body["executionId"])
        if not execution or execution in self.begun:
            raise RefusedError(400, "", f"The execution {execution} exists.")
        _check_package(self.files[name], str(body["definitionGroupId"]))
        self.begun[execution] = Import(body["legalEntityId"], self.files[name], self.waits)
        return execution

    def _known(self, body: dict[str, Any], *, is_english: bool) -> Import:
        if body["executionId"] not in self.begun:
            words = "Execution details were not found for execution id" if is_english else "找不到执行详细信息"
            raise RefusedError(400, "", f"{words}: {body['executionId']}")
        return self.begun[body["executionId"]]


def _value(value: object) -> Answer:
    return Answer(200, {"value": value})


def read_package(content: bytes) -> list[dict[str, Any]]:
    """Lines of a package, as OData gives them."""
    with zipfile.ZipFile(BytesIO(content)) as file:
        manifest = ET.fromstring(file.read("Manifest.xml"))  # noqa: S314 written by the one under test
        first, *rows = _rows(file.read(_text(manifest, "InputFilePath")))
    mapped = [each.text for each in manifest.iter(f"{_SPACE}XMLField")]
    if first != mapped:
        raise RefusedError(400, "", f"The mapping is incorrect for entity {_ENTITY}")
    return [_line(dict(zip(first, row, strict=True))) for row in rows]


def _check_package(content: bytes, project: str) -> None:
    """Refuse what a real one refuses, or takes without bringing a row in."""
    with zipfile.ZipFile(BytesIO(content)) as file:
        manifest = ET.fromstring(file.read("Manifest.xml"))  # noqa: S314 written by the one under test
        header = ET.fromstring(file.read("PackageHeader.xml"))  # noqa: S314 written by the one under test
    if _text(manifest, "DefinitionGroupName") != project or _text(header, "PackageType") != "DefinitionGroup":
        raise RefusedError(400, "", "The package does not belong to the data project.")
    if _text(manifest, "EntityName") != _ENTITY or _text(manifest, "SourceFormat") != "CSV-Unicode":
        raise RefusedError(400, "", f"Entity {_text(manifest, 'EntityName')} does not exist in the target environment")
    read_package(content)


def _text(whole: ET.Element, name: str) -> str:
    found = whole.find(f".//{_SPACE}{name}")
    if found is None or not found.text:
        raise RefusedError(400, "", f"The package says no {name}")
    return found.text


def _rows(content: bytes) -> list[list[str]]:
    if not content.startswith(b"\xff\xfe"):
        raise RefusedError(400, "", "Selected file is not Unicode")
    text = content.decode("utf-16")
    if not text.endswith("\r\n") or "\n" in text.replace("\r\n", ""):
        raise RefusedError(400, "", f"The mapping is incorrect for entity {_ENTITY}")
    rows = [line.split(",") for line in text.removesuffix("\r\n").split("\r\n")]
    if any(len(row) != len(rows[0]) for row in rows) or '"' in text:
        raise RefusedError(400, "", "The file has rows of other columns")
    return rows


def _line(row: dict[str, str]) -> dict[str, Any]:
    if unknown := set(row) - set(_COLUMNS):
        raise RefusedError(400, "", f"The mapping is incorrect for entity {_ENTITY} and field {min(unknown)}")
    line: dict[str, Any] = {_COLUMNS[name]: text for name, text in row.items()}
    if not line.pop("Voucher") or line["AccountType"] not in _TYPES:
        raise RefusedError(400, "", "The line has no voucher, or an account of no type.")
    try:
        amounts = {name: Decimal(line[name]) for name in ("DebitAmount", "CreditAmount")}
        numbers = {"LineNumber": int(line["LineNumber"])}
    except (InvalidOperation, ValueError) as error:
        raise RefusedError(400, "", "A number is none.") from error
    day = f"{line['TransDate']}T12:00:00Z"
    return {**line, **amounts, **numbers, "AccountType": _TYPES[line["AccountType"]], "TransDate": day}
