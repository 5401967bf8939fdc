"""A mail server that keeps what it is sent, and can hold its answer back: the e-mail has left, nobody
knows it yet. That is the moment in which a worker is killed."""

import socketserver
import threading
from email import message_from_bytes
from email.message import Message
from typing import Any


class _Session(socketserver.StreamRequestHandler):
    server: "Mailbox"

    def handle(self) -> None:
        self._say("220 mailbox")
        while line := self.rfile.readline():
            word = line[:4].upper()
            if word == b"DATA":
                self._say("354 go on")
                self.server.keep(self._text())
                self._say("250 kept")
            elif word == b"QUIT":
                self._say("221 bye")
                return
            else:
                self._say("250 ok")

    def _text(self) -> bytes:
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line.removeprefix(b"."))
        return b"".join(lines)

    def _say(self, text: str) -> None:
        try:
            self.wfile.write(text.encode() + b"\r\n")
        except OSError:  # the worker was killed
            self.close_connection = True


class Mailbox(socketserver.ThreadingTCPServer):
    """Listens on a loopback port while it is entered."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Session)
        self.kept: list[bytes] = []
        self._answering = threading.Event()
        self._answering.set()

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.server_address[1]}"

    @property
    def mails(self) -> list[Message]:
        return [message_from_bytes(one) for one in self.kept]

    def keep(self, text: bytes) -> None:
        self.kept.append(text)
        self._answering.wait(60)

    def hold(self) -> None:
        """Take mails from now on, but don't say so."""
        self._answering.clear()

    def go_on(self) -> None:
        """Say so."""
        self._answering.set()

    def __enter__(self) -> "Mailbox":
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True).start()
        return self

    def __exit__(self, *exc: Any) -> None:
        self.go_on()
        self.shutdown()
        self.server_close()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Connections of killed workers break; that is what this is for."""
