"""SAP's own OData runtime for tests, from the package registry, with the services that documents are delivered to."""

from entrepot.testing.cap.server import CapServer, cap_folder

__all__ = ["CapServer", "cap_folder"]
