"""What may be done: acts in the order of a case's path. Importing this package registers them all."""

# The order of import is the order in which acts are offered.
# isort: off
from enforcement.acts import filing
from enforcement.acts import assigning
# isort: on

__all__ = ["assigning", "filing"]
