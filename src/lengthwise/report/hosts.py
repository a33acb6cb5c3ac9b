"""The names by which the server of a study's page may be asked.

A page of another site can reach a server of this machine, or of its network, through a name of that site that leads
there (DNS rebinding). The browser tells the server that name; so a server that answers to its own names alone is safe.
"""

import socket
from dataclasses import dataclass
from ipaddress import ip_address

LOOPBACK = ("127.0.0.1", "localhost", "::1", "[::1]")


@dataclass(frozen=True)
class Host:
    """Where a server listens.

    Attributes
    ----------
    name : str
        A name or an address.
    addresses : frozenset of str
        Where it leads.
    """

    name: str
    addresses: frozenset[str]

    @classmethod
    def of(cls, name: str) -> "Host":
        """Look a name up.

        Raises
        ------
        OSError
            If it leads nowhere.
        """
        found = socket.getaddrinfo(name or "0.0.0.0", None)  # noqa: S104 - what no name means
        return cls(name, frozenset(str(address[0]).partition("%")[0] for *_, address in found))

    @property
    def is_private(self) -> bool:
        """Whether only this machine reaches it."""
        return all(ip_address(address).is_loopback for address in self.addresses)

    @property
    def names(self) -> tuple[str, ...] | None:
        """What it may be asked as; None if that is not known, since it listens at every address."""
        if any(ip_address(address).is_unspecified for address in self.addresses):
            return None
        bracketed = {f"[{address}]" for address in self.addresses if ":" in address}
        own = set() if self.is_private else {socket.gethostname(), socket.getfqdn()}
        return tuple(sorted(name.lower() for name in {self.name, *self.addresses, *bracketed, *LOOPBACK, *own}))
