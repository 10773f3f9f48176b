"""Sail in this process: the second engine for tests, without a Java machine; Apache Spark where one is named.

One server serves a whole process: the first caller starts it (about four seconds), it ends with the process. A server
that was stopped and started again in one process has made a later session fail on reading a scratch file. Close each
`SparkEngine`; whoever needs a server that goes away asks for one of its own.
"""

import atexit
import logging
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from entrepot.engine import parse

__all__ = ["sail_session"]


_shared: list[str] = []
"""The address of the server of this process, once it runs."""


@contextmanager
def sail_session(*, is_own: bool = False) -> Iterator[str]:
    """A Sail server on a free port of this machine.

    Args:
        is_own: A server that stops at the end of the block; else the one of the process, which goes on.
    Yields:
        The address for ``SparkEngine``: ``sc://127.0.0.1:PORT``.
    """
    if elsewhere := os.environ.get("ENTREPOT_TEST_SPARK"):
        # `make test-spark` runs the same tests on Apache Spark.
        yield elsewhere
        return
    if is_own:
        address, stop = _started()
        try:
            yield address
        finally:
            stop()
        return
    if not _shared:
        address, stop = _started()
        _shared.append(address)
        atexit.register(stop)
    yield _shared[0]


def _started() -> tuple[str, Callable[[], object]]:
    """The address of a new server and what stops it."""
    # Sail reports each session on standard error; a test run wants failures only.
    os.environ.setdefault("RUST_LOG", "error")
    # Sail forgets a session that nobody used for a while; a worker may not come back to its own for half an hour.
    os.environ.setdefault("SAIL_SPARK__SESSION_TIMEOUT_SECS", "36000")
    # The client writes one long JSON line per failed query, and tests of refusals fail on purpose.
    logging.getLogger("SQLQueryContextLogger").setLevel(logging.CRITICAL)
    # Loading sqlglot's compiled parts beside the server's threads has crashed the process: use each of them before.
    query = parse("select cast(1 as bigint) as one", source="before the server")
    assert query.sql("spark"), "the query has a text for the server"
    assert not query.inputs(), "the query reads nothing"
    from pysail.spark import SparkConnectServer

    server = SparkConnectServer("127.0.0.1", 0)
    server.start(background=True)
    address = server.listening_address
    assert address is not None, "a started server knows its port"
    return f"sc://127.0.0.1:{address[1]}", server.stop
