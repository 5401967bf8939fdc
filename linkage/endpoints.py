"""Whether an address may be called (回调地址): https, a host that is not ourselves, networks that were named.

Looks at the text only. A name may resolve to another address tomorrow, so whoever calls it must hold the
address it connects to against the networks again (``is_inside``).
"""

import re
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import urlsplit

from django.utils.translation import gettext

Network = IPv4Network | IPv6Network
Address = IPv4Address | IPv6Address

LOCAL_NAMES = re.compile(r"(^|\.)(localhost|local|localdomain|internal|home\.arpa|test|invalid|example)$")
# Addresses at which hosting services tell a machine its own secrets, beside 169.254.0.0/16.
METADATA = (ip_network("100.100.100.200/32"), ip_network("fd00:ec2::254/128"), ip_network("192.0.0.192/32"))
NAME = re.compile(r"(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9]", re.ASCII)
MOST_NETWORKS = 8
WIDEST = {4: 8, 6: 32}  # prefix lengths; wider is no network of one agency


class BadEndpoint(ValueError):
    """An address or network that must not be called; the text says why."""


def check_url(url: str, networks: Iterable[str], *, at_home: bool = False) -> str:
    """The address as it is kept. ``at_home`` (development) lets this machine and plain http be called.

    Raises ``BadEndpoint``.
    """
    parts = urlsplit(url)
    try:
        port = parts.port
    except ValueError:
        raise BadEndpoint(gettext("The port of the address is no number.")) from None
    if parts.scheme != "https" and not (at_home and parts.scheme == "http"):
        raise BadEndpoint(gettext("The address must begin with https://."))
    if parts.username is not None or parts.password is not None or parts.fragment or "\\" in url:
        raise BadEndpoint(gettext("The address must hold no user name, password or fragment."))
    if port is not None and port < 1:
        raise BadEndpoint(gettext("The port of the address is no number."))
    host = (parts.hostname or "").rstrip(".").lower()
    ours = at_home and host in {"localhost", "127.0.0.1", "::1"}
    if not ours:
        _check_host(host, [ip_network(one) for one in networks])
    return url


def _check_host(host: str, networks: list[Network]) -> None:
    literal = _literal(host)
    if literal is not None:
        if not is_callable_address(literal):
            raise BadEndpoint(gettext("This machine, its own link and reserved addresses can't be called."))
        if not any(literal in network for network in networks):
            raise BadEndpoint(gettext("The address lies in none of the networks named."))
    elif LOCAL_NAMES.search(host):
        raise BadEndpoint(gettext("This machine, its own link and reserved addresses can't be called."))
    elif not NAME.fullmatch(host):
        # Also 2130706433, 0x7f.1 and 127.1: numbers that some programs read as addresses.
        raise BadEndpoint(gettext("The host must be a full name, such as answers.bank.cn, or an address."))


def _literal(host: str) -> Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None


def is_callable_address(address: Address) -> bool:
    """Whether an address belongs to somebody else: no loopback, link-local, multicast, reserved, metadata."""
    embedded = getattr(address, "ipv4_mapped", None) or getattr(address, "sixtofour", None)
    if embedded is not None:
        return is_callable_address(embedded)
    return not (
        address.is_loopback
        or address.is_link_local
        or address.is_multicast
        or address.is_unspecified
        or address.is_reserved
        or any(address.version == net.version and address in net for net in METADATA)
    )


def check_networks(texts: Iterable[str], *, at_home: bool = False) -> list[str]:
    """Networks in their one form, such as 203.0.113.0/24. Raises ``BadEndpoint``."""
    found = []
    for text in texts:
        try:
            network = ip_network(text.strip())
        except ValueError:
            raise BadEndpoint(
                gettext("“%(text)s” is no network; write it like 203.0.113.0/24.") % {"text": text}
            ) from None
        if network.prefixlen < WIDEST[network.version]:
            raise BadEndpoint(gettext("%(network)s is too wide for one agency.") % {"network": network})
        if not at_home and not (
            is_callable_address(network.network_address) and is_callable_address(network.broadcast_address)
        ):
            raise BadEndpoint(gettext("This machine, its own link and reserved addresses can't be called."))
        found.append(str(network))
    if len(found) > MOST_NETWORKS:
        raise BadEndpoint(gettext("At most %(number)s networks.") % {"number": MOST_NETWORKS})
    return found


def is_inside(address: str, networks: Iterable[str]) -> bool:
    """Whether the address connected to lies in the networks named and may be called."""
    literal = _literal(address)
    if literal is None or not is_callable_address(literal):
        return False
    nets = [ip_network(one) for one in networks]
    return any(literal.version == net.version and literal in net for net in nets)
