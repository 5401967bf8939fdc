"""What may be done between courts and agencies; importing this package registers the acts."""

# isort: off
from linkage.acts import inquiring
from linkage.acts import answering
# isort: on

__all__ = ["answering", "inquiring"]
