"""A subscriber for tests: a real receiver on loopback that keeps what it is sent, and can fail."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Receiver:
    """`failing` is how many requests more are answered 503; `deaf` answers the handshake with nothing, and
    with a `pause` it answers byte by byte.
    """

    address: str = ""
    received: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    failing: int = 0
    deaf: bool = False
    redirect: str = ""
    pause: float = 0.0
    lock: threading.Lock = field(default_factory=threading.Lock)


@contextmanager
def receiving() -> Iterator[Receiver]:
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            content = self.rfile.read(int(self.headers["content-length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            with receiver.lock:
                failing, receiver.failing = receiver.failing > 0, max(0, receiver.failing - 1)
                receiver.received.append((headers, content))
            if receiver.redirect:
                self.send_response(307)
                self.send_header("location", receiver.redirect)
            else:
                self.send_response(503 if failing else 200)
            answer = b"" if receiver.deaf else headers.get("pisano-challenge", "").encode()
            self.send_header("content-length", str(len(answer)))
            self.end_headers()
            with suppress(OSError):  # whoever asked may have gone
                for part in [answer[n : n + 1] for n in range(len(answer))] if receiver.pause else [answer]:
                    time.sleep(receiver.pause)
                    self.wfile.write(part)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    receiver.address = f"http://127.0.0.1:{server.server_address[1]}/told"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
