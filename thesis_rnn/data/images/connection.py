"""Whether a host answers, found out quickly."""

import contextlib
import socket
import threading

PATIENCE = 5.0  # seconds


def can_connect(host: str, port: int, seconds: float = PATIENCE) -> bool:
    """Returns whether a TCP connection to host:port opens within ``seconds``, name lookup included."""
    opened = threading.Event()

    def connect():
        with contextlib.suppress(OSError):
            socket.create_connection((host, port), timeout=seconds).close()
            opened.set()

    # In a thread, because a socket's time-out covers neither the name lookup nor several addresses together.
    attempt = threading.Thread(target=connect, daemon=True)
    attempt.start()
    attempt.join(seconds)
    return opened.is_set()
