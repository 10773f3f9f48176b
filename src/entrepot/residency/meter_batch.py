"""The persons of one transfer as the meter takes them in: each once, checked, in order of the digests.

A batch is made once and serves the preview, the record and every processor for whom the same persons are counted.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from importlib import resources
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from entrepot.engine import DuckDBEngine, parse
from entrepot.residency.law_errors import MeterInvalid
from entrepot.residency.meter_reading import CLASSES, SUBJECTS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["DIGEST", "Batch", "batch_of"]

DIGEST = "sha256"
"""How a person key becomes what the meter keeps."""

_DIGEST_BYTES = 32
_COLUMNS = ("person_key", "class", "subject")


@dataclass(frozen=True, slots=True)
class Batch:
    """Distinct persons.

    Attributes:
        digests: Of 32 bytes, rising.
        masks: In the same order: bits that say in which way the person is among the rows; see `meter.sql`.
    """

    digests: pa.FixedSizeBinaryArray
    masks: pa.UInt8Array

    @property
    def persons(self) -> int:
        """How many."""
        return len(self.masks)

    @property
    def content(self) -> str:
        """A digest of who is among them and how, the same in whatever order the rows came."""
        who = hashlib.sha256(_bytes_of(self.digests, _DIGEST_BYTES))
        how = hashlib.sha256(_bytes_of(self.masks, 1))
        return f"{DIGEST}:{hashlib.sha256(who.digest() + how.digest()).hexdigest()}"

    def counts(self) -> dict[int, int]:
        """Mask to the number of persons that have it."""
        return {each["values"].as_py(): each["counts"].as_py() for each in pc.value_counts(self.masks)}

    def packed(self, persons_max: int) -> Iterator[tuple[int, int, bytes]]:
        """Mask, number and digests one behind the other, of so many persons at most: a few values for many rows."""
        for mask in self.counts():
            of_mask = self.digests.filter(pc.equal(self.masks, pa.scalar(mask, pa.uint8())))
            for start in range(0, len(of_mask), persons_max):
                part = of_mask.slice(start, persons_max)
                yield mask, len(part), _bytes_of(part, _DIGEST_BYTES)


def batch_of(persons: pa.Table) -> Batch:
    """Check persons and make them distinct.

    Args:
        persons: Columns person_key, class (sensitive, non_sensitive) and subject, text; any order, repeats allowed.

    Raises:
        MeterInvalid: A row has no key, or a class or subject that is not known.
    """
    if set(persons.column_names) != set(_COLUMNS):
        raise MeterInvalid(f"its columns are {', '.join(_COLUMNS)}, and no others")
    if not all(pa.types.is_string(kind) or pa.types.is_large_string(kind) for kind in persons.schema.types):
        raise MeterInvalid("its columns are text")
    if not persons.num_rows:
        return Batch(pa.array([], pa.binary(_DIGEST_BYTES)), pa.array([], pa.uint8()))
    with DuckDBEngine() as engine:
        engine.add_arrow("persons", persons)
        wrong = engine.read(parse(_CHECK, source="persons to count")).to_pylist()[0]
        for name, count in wrong.items():
            if count:
                raise MeterInvalid(f"{count} rows have {_PROBLEMS[name]}")
        text = (resources.files("entrepot.residency") / "meter.sql").read_text(encoding="utf-8")
        found = engine.read(parse(text, source="meter.sql"))
    digests = found["person"].cast(pa.binary(_DIGEST_BYTES)).combine_chunks()
    return Batch(digests, found["mask"].cast(pa.uint8()).combine_chunks())


def _bytes_of(values: pa.Array, width: int) -> bytes:
    """Values of one width, one behind the other."""
    content = values.buffers()[1]
    start = values.offset * width
    return content[start : start + len(values) * width].to_pybytes() if content is not None else b""


def _one_of(words: Iterable[str]) -> str:
    return ", ".join(f"'{word}'" for word in words)


_CHECK = f"""
select
    count(case when person_key is null then 1
               when substr(person_key, 1, 1) in (' ', '') and trim(person_key, ' ') = '' then 1 end) as no_key,
    count(case when class is null or class not in ({_one_of(CLASSES)}) then 1 end) as bad_class,
    count(case when subject is null or subject not in ({_one_of(SUBJECTS)}) then 1 end) as bad_subject
from persons
"""
_PROBLEMS = {
    "no_key": "no person key",
    "bad_class": f"no class of {', '.join(CLASSES)}",
    "bad_subject": f"no subject of {', '.join(SUBJECTS)}",
}
