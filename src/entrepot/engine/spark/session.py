"""The one place that touches the Spark Connect client, which has no types of its own."""

import logging
import socket
import sys
import warnings
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager, suppress
from typing import Any
from urllib.parse import urlsplit

import pyarrow as pa

from entrepot.engine.errors import EngineUnreachable, QueryFailed

__all__ = ["batches_of", "failures", "parquet_at", "schema_of", "session_at", "stop", "table_of"]

PORT = 15002  # Spark Connect's own
CONNECT_S_MAX = 10.0
RETRIES_MAX = 6
BACKOFF_MS_MAX = 10_000

# The client logs each failed query with the server's sentence, which may quote a value of a row.
_QUOTING_LOGGERS = ("SQLQueryContextLogger", "DataFrameQueryContextLogger", "pyspark.sql.connect.logging")

_SETTINGS = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.ansi.enabled": "true",
}


def session_at(remote_url: str) -> Any:  # noqa: ANN401  (the client has no types)
    """A new session on a server, with every setting that decides about rows."""
    for name in _QUOTING_LOGGERS:
        logging.getLogger(name).setLevel(logging.CRITICAL)
    _check_listens(remote_url)
    with warnings.catch_warnings(), _main_module_with_file():
        # The client warns about pandas 3 at import; only its Arrow half is used here.
        warnings.simplefilter("ignore", FutureWarning)
        from pyspark.sql import SparkSession

        with failures("spark session"):
            session = SparkSession.builder.remote(remote_url).create()
            session.client.set_retry_policies([_retries()])
            for key, value in _SETTINGS.items():
                session.conf.set(key, value)
    return session


def _check_listens(remote_url: str) -> None:
    """Raise ``EngineUnreachable`` at once when nothing listens: the client itself would try for minutes."""
    address = urlsplit(remote_url)
    try:
        with socket.create_connection((address.hostname or "", address.port or PORT), timeout=CONNECT_S_MAX):
            return
    except OSError as error:
        raise EngineUnreachable("spark", type(error).__name__) from None


def _retries() -> Any:  # noqa: ANN401
    from pyspark.sql.connect.client.retries import DefaultPolicy

    return DefaultPolicy(max_retries=RETRIES_MAX, max_backoff=BACKOFF_MS_MAX)


@contextmanager
def _main_module_with_file() -> Iterator[None]:
    """Let the client be imported where no script was started, as in a worker of a parallel test run.

    pyspark-client 4.2 takes a main module without file and spec for its own doctests, looks for a Spark installation
    and ends the process.
    """
    main = sys.modules["__main__"]
    missing = not hasattr(main, "__file__") and getattr(main, "__spec__", None) is None
    if missing:
        main.__file__ = __file__
    try:
        yield
    finally:
        if missing:
            del main.__file__


def stop(session: Any) -> None:  # noqa: ANN401
    """End a session without waiting long for a server that is gone."""
    session.client.set_retry_policies([])
    with suppress(Exception):  # the server forgets the session by itself; nothing is lost with it
        session.stop()


def schema_of(frame: Any) -> tuple[str, ...]:  # noqa: ANN401
    """Column names of a data frame, in order."""
    return tuple(frame.columns)


def parquet_at(session: Any, path: str, schema: pa.Schema) -> Any:  # noqa: ANN401
    """A data frame over one Parquet file of a known shape: else the server runs a job only to read its footer."""
    from pyspark.errors import PySparkTypeError
    from pyspark.sql.pandas.types import from_arrow_schema

    reader = session.read
    if not any(pa.types.is_null(each.type) for each in schema):
        # Types that Spark has no word for, such as views of text, are left to the footer too.
        with suppress(PySparkTypeError):
            reader = reader.schema(from_arrow_schema(schema))
    return reader.parquet(path)


def table_of(frame: Any) -> pa.Table:  # noqa: ANN401
    """All rows of a data frame."""
    return frame.toArrow()


def batches_of(frame: Any) -> Generator[pa.RecordBatch]:  # noqa: ANN401
    """The rows of a data frame as the server sends them, one batch in memory at a time.

    The public client gives all rows or Python rows; batches come from the call on which both are built
    (pyspark-client 4.2).
    """
    client = frame.sparkSession.client
    plan = frame._plan.to_proto(client)  # noqa: SLF001
    with closing(client.to_table_as_iterator(plan, {})) as parts:
        for part in parts:
            if isinstance(part, pa.Table):
                yield from part.to_batches()


@contextmanager
def failures(source: str) -> Iterator[None]:
    """Turn the client's exceptions into ours, without a value from a row in the message."""
    import grpc
    from pyspark.errors import AnalysisException, PySparkException

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # retries are told by the error that follows
            yield
    except grpc.RpcError as error:
        code = error.code().name if hasattr(error, "code") else type(error).__name__
        raise EngineUnreachable("spark", code) from None
    except PySparkException as error:
        status = getattr(error, "_grpc_status_code", None)
        if status in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED):
            raise EngineUnreachable("spark", status.name) from None
        condition = error.getCondition() or type(error).__name__
        detail = str(error).split("\n", 1)[0] if isinstance(error, AnalysisException) else ""
        raise QueryFailed("spark", source, condition, detail) from None
