"""Sail in this process: the second engine for tests, without a Java machine; Apache Spark where one is named.

Start it once per test session (the first session costs about four seconds) and always leave the block: a process with
a Connect session that was not stopped may not exit.
"""

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager

from entrepot.engine import parse

__all__ = ["sail_session"]


@contextmanager
def sail_session() -> Iterator[str]:
    """Run a Sail server on a free port of this machine while the block runs.

    Yields:
        The address for ``SparkEngine``: ``sc://127.0.0.1:PORT``.
    """
    if elsewhere := os.environ.get("ENTREPOT_TEST_SPARK"):
        # `make test-spark` runs the same tests on Apache Spark.
        yield elsewhere
        return
    # Sail reports each session on standard error; a test run wants failures only.
    os.environ.setdefault("RUST_LOG", "error")
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
    try:
        yield f"sc://127.0.0.1:{address[1]}"
    finally:
        server.stop()
