"""Somebody who publishes documents on this machine, and counts who asks."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Publisher:
    """Answers with `content` and `status` whatever is asked, and with what stands in `paths` for those.

    With a `pause` it answers byte by byte; `takes` is in which encodings it was last asked to answer.
    """

    def __init__(self, port: int) -> None:
        self.host = f"http://127.0.0.1:{port}"
        self.address = f"{self.host}/jwks.json"
        self.paths: dict[str, bytes] = {}
        self.content, self.status, self.asked = b"{}", 200, 0
        self.headers: dict[str, str] = {}
        self.pause, self.takes = 0.0, ""


@contextmanager
def publishing() -> Iterator[Publisher]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:  # as the library calls it
            publisher.asked += 1
            self.send_response(publisher.status)
            for name, value in publisher.headers.items():
                self.send_header(name, value)
            self.end_headers()
            publisher.takes = self.headers.get("accept-encoding", "")
            content = publisher.paths.get(self.path, publisher.content)
            for part in [content[n : n + 1] for n in range(len(content))] if publisher.pause else [content]:
                time.sleep(publisher.pause)
                self.wfile.write(part)

        def do_POST(self) -> None:  # as the library calls it
            self.rfile.read(int(self.headers["content-length"]))
            self.do_GET()

        def log_message(self, format: str, *arguments: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        publisher = Publisher(server.server_port)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield publisher
        finally:
            server.shutdown()
            thread.join()
