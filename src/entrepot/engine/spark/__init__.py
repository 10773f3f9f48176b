"""Spark Connect: Apache Spark on a cluster, or Sail, with the same client."""

from entrepot.engine.spark.engine import SparkEngine

__all__ = ["SparkEngine"]
