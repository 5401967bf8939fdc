"""The address a call goes to (实际地址): what the host's name stands for now, held against the networks of
the agency. ``linkage.endpoints`` looked at the text when it was registered."""

import socket
from collections.abc import Iterable
from ipaddress import ip_address, ip_network
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext

from linkage.endpoints import Address, BadEndpoint, check_url, is_callable_address


def check(url: str, networks: Iterable[str]) -> None:
    """Check the text of an address once more before it is called. Raises ``BadEndpoint``."""
    parts = urlsplit(check_url(url, networks, at_home=settings.DEV))
    if not parts.hostname:
        raise BadEndpoint(gettext("The address names no host."))


def resolve(host: str, port: int, networks: Iterable[str]) -> str:
    """The address to connect to. Every address the name stands for lies in the networks, so that a name that
    leads here and there leads nowhere.

    Raises ``BadEndpoint``, or ``OSError`` if nobody knows the name.
    """
    allowed = [ip_network(network) for network in networks]
    found = []
    for *_kind, place in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
        address = _plain(ip_address(str(place[0]).partition("%")[0]))
        inside = any(address.version == one.version and address in one for one in allowed)
        # This machine is called in trials only.
        if not inside or not (is_callable_address(address) or (settings.DEV and address.is_loopback)):
            raise BadEndpoint(
                gettext("The name of the host leads to %(address)s, which is in no network of the agency.")
                % {"address": address}
            )
        found.append(str(address))
    if not found:
        raise BadEndpoint(gettext("The name of the host leads nowhere."))
    return found[0]


def _plain(address: Address) -> Address:
    """An IPv4 address that hides in an IPv6 one is what it is."""
    return getattr(address, "ipv4_mapped", None) or address
