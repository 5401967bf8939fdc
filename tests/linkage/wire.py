"""An agency's system on this machine: a real HTTP server that notes its calls and answers as it is told."""

import base64
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from directory.models import Agency
from law import clock
from linkage import signatures
from linkage.models import Channel, ChannelKind, VerifyingKey


@dataclass
class Got:
    """One call as it arrived."""

    headers: dict[str, str]
    body: bytes


@dataclass
class System:
    """``answers`` gives status, headers and body for the next calls; the last one stays."""

    got: list[Got] = field(default_factory=list)
    status: int = 204
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    hold: threading.Event = field(default_factory=threading.Event)
    hangs: bool = False
    endless: bool = False
    together: int = 0
    most_together: int = 0
    url: str = ""
    lock: Any = field(default_factory=threading.Lock)


@contextmanager
def system() -> Iterator[System]:
    """Serve for a while."""
    told = System()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            with told.lock:
                told.got.append(Got({name.lower(): value for name, value in self.headers.items()}, body))
                told.together += 1
                told.most_together = max(told.most_together, told.together)
            try:
                if told.hangs:
                    told.hold.wait(60)
                self._answer()
            finally:
                with told.lock:
                    told.together -= 1

        def _answer(self) -> None:
            try:
                self.send_response(told.status)
                for name, value in told.headers.items():
                    self.send_header(name, value)
                if told.endless:
                    self.send_header("connection", "close")
                    self.end_headers()
                    while True:
                        self.wfile.write(b"x" * 65536)
                self.send_header("content-length", str(len(told.body)))
                self.end_headers()
                self.wfile.write(told.body)
            except (BrokenPipeError, ConnectionResetError):
                self.close_connection = True

        def log_message(self, *arguments: Any) -> None:
            """Silence."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        request_queue_size = 128

    server = Server(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    told.url = f"http://127.0.0.1:{server.server_address[1]}/inbox"
    try:
        yield told
    finally:
        told.hold.set()
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def dripping(every: float = 0.1) -> Iterator[str]:
    """A server that sends one byte of a header after another, for ever; its address."""
    listener = socket.create_server(("127.0.0.1", 0))
    stop = threading.Event()

    def serve() -> None:
        try:
            caller, _address = listener.accept()
        except OSError:
            return
        with caller:
            caller.settimeout(5)
            try:
                caller.recv(65536)
                caller.sendall(b"HTTP/1.1 200 OK\r\nx: ")
                while not stop.is_set():
                    caller.sendall(b"y")
                    time.sleep(every)
            except OSError:
                return

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
    finally:
        stop.set()
        listener.close()
        thread.join()


def webhook(agency: Agency, url: str, **values: Any) -> Channel:
    """Give an agency a webhook on this machine."""
    channel = Channel.objects.get(agency=agency)
    channel.kind, channel.url, channel.networks = ChannelKind.WEBHOOK, url, ["127.0.0.0/8"]
    for name, value in values.items():
        setattr(channel, name, value)
    channel.save()
    return channel


@dataclass
class Signer:
    """A key an agency signs with."""

    private: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)

    @property
    def public(self) -> bytes:
        return self.private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)

    def register(self, agency: Agency, key_id: str = "2026-01") -> VerifyingKey:
        return VerifyingKey.objects.create(
            agency=agency, key_id=key_id, public_key=self.public, valid_from=clock.now()
        )

    def sign(self, body: bytes, *, message_id: str = "msg_1", skew: int = 0) -> dict[str, str]:
        timestamp = str(int(clock.now().timestamp()) + skew)
        content = f"{message_id}.{timestamp}.".encode() + body
        signature = "v1a," + base64.b64encode(self.private.sign(content)).decode()
        return {
            signatures.ID: message_id,
            signatures.TIMESTAMP: timestamp,
            signatures.SIGNATURE: signature,
        }


def until(condition: Callable[[], Any], patience: float = 30) -> None:
    """Wait until something holds."""
    end = time.monotonic() + patience
    while not condition():
        assert time.monotonic() < end, "it did not come"
        time.sleep(0.01)
