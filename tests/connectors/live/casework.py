"""Titled cases for feeds: answers as a platform sends them in, canonical rows out, without a network."""

from __future__ import annotations

import hashlib
import json
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import zstandard

from entrepot.connectors.live.staging import Page, stage_pages
from entrepot.connectors.registry import CONNECTORS, connector_of
from entrepot.connectors.translation import SHARED_ROWS, Batch
from entrepot.engine import DuckDBEngine
from entrepot.flows.translating import files_table
from entrepot.residency import person_pads
from entrepot.store import RawFile
from tests.connectors.casework import Translated, _translate

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pyarrow as pa

    from entrepot.connectors.live.contract import Feed
    from entrepot.engine import Engine


@dataclass(frozen=True)
class Told:
    """An answer together with the question, where rows are made of both."""

    answer: Any
    params: Mapping[str, Any]


_READ_US = 1_793_500_000_000_000


def feed_named(name: str) -> Feed:
    """A feed of any connector."""
    return next(feed for feed in connector_of(name, CONNECTORS).feeds if feed.name == name)


def page_of(feed: Feed, *answers: Any) -> bytes:
    """A raw page that holds answers of the method with the documents."""
    method = feed.stored_method.name
    return b"".join(
        json.dumps({"method": method, "page": "1", **_said(each)}, ensure_ascii=False).encode() + b"\n"
        for each in answers
    )


def _said(each: Any) -> dict[str, Any]:
    return {"params": dict(each.params), "answer": each.answer} if isinstance(each, Told) else {"answer": each}


def pulled(
    feed_name: str,
    *answers: Any,
    pages: tuple[bytes, ...] = (),
    engine: Engine | None = None,
    pads: pa.Table | None = None,
) -> Translated:
    """Stage and translate answers of one feed; each raw page is a file of its own.

    Args:
        feed_name: Which feed.
        answers: Of the method that holds the documents, as objects.
        pages: Raw pages instead.
        engine: Translates; pages are always staged by DuckDB.
        pads: Key of persons; a new one unless given.
    """
    feed = feed_named(feed_name)
    return pulled_together({feed_name: pages or (page_of(feed, *answers),)}, engine=engine, pads=pads)


def pulled_together(
    pages: Mapping[str, Sequence[bytes]], *, engine: Engine | None = None, pads: pa.Table | None = None
) -> Translated:
    """Stage and translate raw pages of feeds of one connector, all at once.

    Args:
        pages: Feed to its raw pages.
        engine: Translates; pages are always staged by DuckDB.
        pads: Key of persons; a new one unless given.
    """
    connector = connector_of(next(iter(pages)), CONNECTORS)
    result = Translated()
    with tempfile.TemporaryDirectory() as folder, DuckDBEngine(threads=1) as staging:
        home, paths, records = Path(folder), dict[str, list[str]](), []
        for feed_name, page in ((name, page) for name, each in pages.items() for page in each):
            target, record = staged_page(staging, feed_name, page, home)
            result.rows += record.row_count
            paths.setdefault(feed_name, []).append(str(target))
            records.append(record)
        running = engine or staging
        running.add_arrow("person_pads", pads or person_pads(home / "keys"))
        # As many as are typed in shares: whichever page a document is in, it says the same.
        _translate(running, Batch(connector, paths, files_table(records), SHARED_ROWS), records, result)
    return result


def staged_page(engine: DuckDBEngine, feed_name: str, page: bytes, home: Path) -> tuple[Path, RawFile]:
    """Stage a raw page of a feed: where its rows are, and what the raw log would say of it."""
    # Two feeds may be told alike, and stay two files.
    feed, raw_id = feed_named(feed_name), hashlib.sha256(feed_name.encode() + page).hexdigest()
    blob, target = home / f"{raw_id}.zst", home / f"{raw_id}.parquet"
    blob.write_bytes(zstandard.compress(page))
    rows = stage_pages(engine, feed, [Page(raw_id, blob, target)])
    said = RawFile(raw_id, raw_id[:8], "", feed.name, feed.channel, "our shop", None, "ndjson", rows, "", _READ_US, 0)
    return target, said
