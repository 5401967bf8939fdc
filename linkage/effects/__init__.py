"""What answers of agencies do to a case; importing this package registers the effects."""

from linkage.effects import deducted, found, lifted, passed, renewed, restrained

__all__ = ["deducted", "found", "lifted", "passed", "renewed", "restrained"]
