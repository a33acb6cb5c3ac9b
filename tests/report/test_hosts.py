"""What a server may be asked as."""

import socket

import pytest

from lengthwise.report.hosts import LOOPBACK, Host

OWN = {socket.gethostname().lower(), socket.getfqdn().lower()}


@pytest.mark.parametrize("name", ["127.0.0.1", "127.0.0.2", "localhost"])
def test_where_only_this_machine_reaches_it_it_has_loopback_names_alone(name):
    host = Host.of(name)
    assert host.is_private
    assert set(host.names) == {name, *host.addresses, *LOOPBACK}


def test_a_name_is_asked_as_itself_as_where_it_leads_and_as_this_machine():
    host = Host("Board.example", frozenset({"192.0.2.7", "2001:db8::7"}))
    assert not host.is_private
    expected = {"board.example", "192.0.2.7", "2001:db8::7", "[2001:db8::7]", *LOOPBACK, *OWN}
    assert set(host.names) == expected


@pytest.mark.parametrize("name", ["0.0.0.0", "", "0", "::"])
def test_every_address_is_asked_as_anything(name):
    host = Host.of(name)
    assert not host.is_private
    assert host.names is None


def test_a_name_that_leads_nowhere_is_an_error():
    with pytest.raises(socket.gaierror):
        Host.of("nowhere.invalid")
