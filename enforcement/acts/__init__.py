"""What may be done: acts in the order of a case's path. Importing this package registers them all."""

from enforcement.acts import filing

__all__ = ["filing"]
