"""What answers of agencies do to a case; importing this package registers the effects."""

from linkage.effects import found, restrained

__all__ = ["found", "restrained"]
