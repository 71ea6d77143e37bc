"""Probing a connection."""

import socket
import time

from thesis_rnn.data.images.connection import can_connect


def test_a_listening_port_answers_and_a_closed_one_does_not():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert can_connect("127.0.0.1", port)
    assert not can_connect("127.0.0.1", port)


def test_a_name_that_does_not_exist_does_not_answer():
    assert not can_connect("name.invalid", 443)  # .invalid never resolves (RFC 2606)


def test_a_slow_name_lookup_counts_against_the_patience(monkeypatch):
    monkeypatch.setattr(socket, "getaddrinfo", lambda *arguments: time.sleep(2) or [])
    start = time.monotonic()
    assert not can_connect("example.invalid", 443, seconds=0.2)
    assert time.monotonic() - start < 1
