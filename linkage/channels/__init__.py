"""How orders reach agencies (送达渠道); importing this package registers how their messages are delivered."""

from linkage.channels import dispatching, letters, portal_mail

__all__ = ["dispatching", "letters", "portal_mail"]
