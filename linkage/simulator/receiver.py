"""A webhook's other end: takes events over HTTP, checks the court's signature, hands them to the offices."""

import json
import threading
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from examples.agency_client import verify
from linkage.simulator.office import Office


class Receiver:
    """Listens on a local port; an office hears what is posted to ``/<its code>``."""

    def __init__(self, offices: Mapping[str, Office], keys: list[str], *, port: int = 0):
        self.offices = offices
        self.keys = keys
        self.server = ThreadingHTTPServer(("127.0.0.1", port), self._handler())
        self.port = int(self.server.server_address[1])

    def __enter__(self) -> "Receiver":
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *exc: object) -> None:
        self.server.shutdown()
        self.server.server_close()

    def take(self, code: str, headers: Mapping[str, str], body: bytes) -> int:
        """Hear one event; the status to answer with."""
        office = self.offices.get(code)
        if office is None:
            return 404
        if not verify(headers, body, self.keys):
            return 401
        office.hear(json.loads(body))
        return 200

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length", "0")))
                headers = {name.lower(): value for name, value in self.headers.items()}
                self.send_response(receiver.take(self.path.strip("/"), headers, body))
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, text: str, *values: object) -> None:
                """What an office does, it says itself."""

        return Handler
