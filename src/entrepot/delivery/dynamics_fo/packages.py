"""Journals of Finance and Operations in a data package: many journals in one file, which a batch job brings in.

Source: Microsoft Learn, "Data management package REST API", "General journal entity" and "Importing vouchers by using
the General journal entity", read 2026-11; the shape of manifest and header, and that the file is UTF-16 with CRLF and
every column mapped, from two public clients that say they ran against a real environment.

Lines whose journal is there and not posted go into it, and a line is known by journal and number: the same package
twice leaves its lines once. So the headers are made before, empty, and the name of the import stands in each of them
before it begins: whoever comes later asks what became of it before sending the lines again.
"""

from __future__ import annotations

import json
import secrets
import time
import zipfile
from decimal import Decimal
from io import BytesIO
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from xml.etree import ElementTree as ET

from entrepot.delivery.calls import Trouble, client, parsed, posted, refusal
from entrepot.delivery.erp import UNDER_WAY

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import httpx

    from entrepot.delivery.odata4 import OData4

__all__ = [
    "HEADER_SECONDS",
    "IMPORT_SECONDS",
    "Packages",
    "check_codes",
    "name_of_import",
    "package",
    "rows_of",
    "words_of",
]

ENTITY = "General journal"
"""As data management calls it."""

HEADER_SECONDS = 90.0
"""Headers that are not made by then wait for another package: a claim has to last for the import too."""

IMPORT_SECONDS = 180.0
"""An import that is not over by then is left to a later look."""

_ACTION = "data/DataManagementDefinitionGroups/Microsoft.Dynamics.DataEntities."
_SPACE = "http://schemas.microsoft.com/dynamics/2015/01/DataManagement"
_INSTANCE = "http://www.w3.org/2001/XMLSchema-instance"
_MANIFEST = "Microsoft.Dynamics.AX.Framework.Tools.DataManagement.Serialization.DataManagementPackageManifest"

_OVER = frozenset({"Succeeded", "PartiallySucceeded", "Failed", "Canceled"})
_NO_SUCH_IMPORT = "were not found"
"""In the words of the refusal to tell of an import that nobody knows; it has no code of its own."""

_POLL_S, _POLL_MAX_S = 0.05, 5.0
_WORDS_MAX = 500


def words_of(errors: Sequence[str], names: Iterable[str]) -> str:
    """Those errors of an import that name one of some things, or all where none does; as many as people read."""
    wanted = tuple(names)
    own = [each for each in errors if any(name in each for name in wanted)]
    return "; ".join(own or errors)[:_WORDS_MAX]


_FIELDS: Mapping[str, str] = {
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
    "VOUCHER": "Document",
    "DOCUMENT": "Document",
    "INVOICE": "Invoice",
    "TEXT": "Text",
}
"""Column of the file to property of a line as OData takes it; the key is the voucher too, and keeps lines together."""

_FOR_PEOPLE = frozenset({"DESCRIPTION", "TEXT"})
_BREAKS = frozenset(',"\r\n')
_INSTEAD = str.maketrans(dict(zip(',"\r\n', ";'  ", strict=True)))
"""Whether quoted values are taken depends on settings of the data source, unseen from here: none is quoted."""

_ACCOUNT_TYPES: Mapping[object, str] = {"Cust": "Customer"}
"""What the file calls an account type differently."""


def name_of_import() -> str:
    """A name that no other import has: 16 letters and digits."""
    return secrets.token_hex(8)


def rows_of(lines: Sequence[Mapping[str, object]]) -> list[str]:
    """Rows of the file.

    Args:
        lines: As OData takes them, with `JournalName` and `Description` of their journal.

    Raises:
        Trouble: A value would break its column.
    """
    return [",".join(_value(column, line[name]) for column, name in _FIELDS.items()) for line in lines]


def package(project: str, rows: Sequence[str]) -> bytes:
    """A zip of what data management takes: manifest, header and one file of lines.

    Args:
        project: Name of the data project.
        rows: Of the file.
    """
    whole = BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("Manifest.xml", _manifest(project))
        file.writestr("PackageHeader.xml", _header(project))
        lines = "".join(f"{row}\r\n" for row in (",".join(_FIELDS), *rows))
        file.writestr(f"{ENTITY}.csv", lines.encode("utf-16"))
    return whole.getvalue()


def check_codes(codes: Iterable[str]) -> None:
    """Hold that codes which are read back from a text can stand in one.

    Raises:
        Trouble: One cannot.
    """
    for code in codes:
        if set(code) & _BREAKS:
            raise Trouble("rejected", "sign", f"a package takes no comma, quote or line break: {code}")


def _value(column: str, value: object) -> str:
    if isinstance(value, float):
        return f"{Decimal(repr(value)):f}"
    text = _ACCOUNT_TYPES.get(value, str(value)).removesuffix("T12:00:00Z")
    if column in _FOR_PEOPLE:
        return text.translate(_INSTEAD)
    check_codes([text])
    return text


def _manifest(project: str) -> bytes:
    whole = ET.Element("DataManagementPackageManifest", {"xmlns": _SPACE, "xmlns:i": _INSTANCE})
    _told(whole, {"DefinitionGroupName": project, "Description": project})
    entity = ET.SubElement(ET.SubElement(whole, "PackageEntityList"), "DataManagementPackageEntityData")
    _told(entity, {"DefaultRefreshType": "FullPush", "Disable": "false"})
    fields = ET.SubElement(entity, "EntityMapList")
    for name in _FIELDS:
        field = ET.SubElement(fields, "EntityMap")
        _told(field, {"ArrayIndex": "0", "EntityField": name})
        ET.SubElement(field, "EntityFieldConversionList", {"i:nil": "true"})
        no = ("IsAutoDefault", "IsAutoGenerated", "IsDefaultValueEqualNull", "UseTextQualifier")
        _told(field, {**dict.fromkeys(no, "false"), "XMLField": name})
    _told(
        entity,
        {
            "EntityName": ENTITY,
            "ExecutionUnit": "0",
            "InputFilePath": f"{ENTITY}.csv",
            "LevelInExecutionUnit": "0",
            "SequenceInLevel": "0",
            "SkipStaging": "false",
            "SourceFormat": "CSV-Unicode",
        },
    )
    return _bytes(whole)


def _header(project: str) -> bytes:
    whole = ET.Element("DataManagementPackageHeader", {"xmlns": _SPACE, "xmlns:i": _INSTANCE})
    _told(
        whole,
        {
            "Description": project,
            "ManifestType": _MANIFEST,
            "PackageType": "DefinitionGroup",
            "PackageVersion": "2",
        },
    )
    return _bytes(whole)


def _bytes(whole: ET.Element) -> bytes:
    return bytes(ET.tostring(whole, encoding="utf-8", xml_declaration=True))


def _told(parent: ET.Element, texts: Mapping[str, str]) -> None:
    for name, text in texts.items():
        ET.SubElement(parent, name).text = text


class Packages:
    """The calls of data management.

    Args:
        api: Of the environment.
        storage: Address of the storage account that packages may go to.
        transport: For tests: what carries the calls instead of the network.
    """

    def __init__(self, api: OData4, storage: str, transport: httpx.BaseTransport | None) -> None:
        self._api, self._origin = api, storage.rstrip("/")
        self._storage = client(self._origin, transport)

    def close(self) -> None:
        """Give connections back."""
        self._storage.close()

    def begin(self, name: str, company: str, content: bytes) -> None:
        """Have a package imported.

        Args:
            name: Of the import and of its data project.
            company: Legal entity.
            content: The package.

        Raises:
            Trouble: It did not begin, or perhaps it did.
        """
        try:
            place = json.loads(str(self._ask("GetAzureWriteUrl", {"uniqueFileName": f"{name}.zip"})))["BlobUrl"]
            self._put(str(place), content)
        except (ValueError, KeyError, TypeError) as error:
            raise Trouble("retry_after", "answer_cut", "no place was named for the package") from error
        except Trouble as trouble:
            if trouble.word != "unknown":
                raise
            # A file that lies there brings nothing in, so its loss leaves no doubt.
            raise Trouble("retry_after", trouble.code, trouble.text, trouble.after_s) from trouble
        asked = {"packageUrl": place, "definitionGroupId": name, "executionId": name, "legalEntityId": company}
        self._ask("ImportFromPackage", {**asked, "execute": True, "overwrite": True})

    def ended(self, name: str, seconds: float = IMPORT_SECONDS) -> str:
        """How an import ended.

        Raises:
            Trouble: It has not ended yet, or nobody says.
        """
        until, pause = time.monotonic() + seconds, _POLL_S
        while True:
            state = self.state(name)
            if state in _OVER:
                return state
            if time.monotonic() + pause > until:
                raise Trouble("unknown", UNDER_WAY, f"the import {name} is not over yet ({state or 'not begun'})")
            time.sleep(pause)
            pause = min(2 * pause, _POLL_MAX_S)

    def state(self, name: str) -> str:
        """What became of an import so far, in the ERP's word; '' where it knows of none.

        Raises:
            Trouble: There was no answer.
        """
        try:
            return str(self._ask("GetExecutionSummaryStatus", {"executionId": name}))
        except Trouble as trouble:
            if _NO_SUCH_IMPORT in trouble.text:
                return ""
            raise

    def check_over(self, name: str) -> None:
        """Hold that an import can bring nothing in any more.

        Raises:
            Trouble: It may still, or nobody says: what it was to bring in is in doubt.
        """
        try:
            state = self.state(name)
        except Trouble as trouble:
            raise Trouble("unknown", trouble.code, trouble.text, trouble.after_s) from trouble
        if state and state not in _OVER:
            raise Trouble("unknown", UNDER_WAY, f"the import {name} is not over yet ({state})")

    def errors(self, name: str) -> list[str]:
        """What went wrong in an import, in the ERP's own words.

        Raises:
            Trouble: There was no answer.
        """
        told = str(self._ask("GetExecutionErrors", {"executionId": name}))
        try:
            several = json.loads(told)
        except ValueError:
            several = told
        return [str(each) for each in several] if isinstance(several, list) else [told]

    def _ask(self, action: str, body: Mapping[str, object]) -> Any:  # noqa: ANN401 JSON
        # Whether an import is known is told in words alone, so they have to be English ones.
        answer = self._api.call("POST", _ACTION + action, body, headers={"Accept-Language": "en-US"})
        try:
            return parsed(answer)["value"]
        except (KeyError, TypeError) as error:
            raise Trouble("unknown", "answer_cut", f"{action} gave no value") from error

    def _put(self, place: str, content: bytes) -> None:
        """Write a package where the ERP says, if that is where packages may go.

        Raises:
            Trouble: It is another host, or the package did not arrive.
        """
        parts = urlsplit(place)
        origin = f"{parts.scheme}://{parts.netloc}"
        if origin != self._origin:
            # What follows the host is a signature that lets anybody write there.
            words = f"packages may go to {self._origin}, and the ERP names {origin}"
            raise Trouble("rejected", "storage", words)
        headers = {"x-ms-blob-type": "BlockBlob", "Content-Type": "application/zip"}
        answer = posted(self._storage, self._storage.build_request("PUT", place, content=content, headers=headers))
        if not answer.is_success:
            raise refusal(answer)
