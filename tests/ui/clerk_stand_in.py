"""A stand-in for Clerk's frontend API: its scripts, its keys and its session tokens, over TLS on the loopback.

It is no Clerk: of the many paths there it has those that the package asks for, and the scripts that it hands out hold
just the interface that @clerk/react uses. What it signs is what Clerk signs: RS256, checked by the keys it publishes.
"""

import base64
import datetime
import ipaddress
import json
import re
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import jwt
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID
from jwt.algorithms import RSAAlgorithm

BROWSER = Path(__file__).with_name("clerk_browser.js")
CLERK_JS = re.compile(r"/npm/@clerk/clerk-js@[\w.-]+/dist/clerk\.browser\.js")
CLERK_UI = re.compile(r"/npm/@clerk/ui@[\w.-]+/dist/ui\.browser\.js")
NAMES = {"ada": "Ada Lovelace", "bob": "Bob Babbage"}
HOLDS_SECONDS = 60


@dataclass
class StandIn:
    """Who is signed in there by client, and how it behaves."""

    url: str
    is_away: bool = False
    stale: int = 0
    """So many tokens from now on have expired before they are handed out."""

    signed_in: dict[str, str] = field(default_factory=dict)
    handed_out: list[str] = field(default_factory=list)
    key: rsa.RSAPrivateKey = field(default_factory=lambda: rsa.generate_private_key(65_537, 2_048))

    @property
    def publishable_key(self) -> str:
        """The key that leads a browser here."""
        host = self.url.removeprefix("https://")
        return "pk_test_" + base64.b64encode(f"{host}$".encode()).decode()

    def token(self, name: str, party: str | None, holds: int = HOLDS_SECONDS) -> str:
        """A session token, with the claims that docs/operations.md asks operators to add."""
        now = int(time.time())
        claims = {
            "iss": self.url,
            "sub": f"user_{name}",
            "sid": f"sess_{name}",
            "iat": now - HOLDS_SECONDS,
            "nbf": now - HOLDS_SECONDS,
            "exp": now + holds,
            "azp": party,
            "email": f"{name}@example.org",
            "email_verified": True,
        }
        return jwt.encode(claims, self.key, "RS256", {"kid": "one"})

    def answer(self, path: str, asked: dict[str, Any], party: str | None) -> dict[str, Any] | None:
        """What a browser gets; None where nobody is signed in."""
        client = asked["client"]
        if path == "/v1/sign-in":
            self.signed_in[client] = asked["name"]
        if path == "/v1/sign-out":
            self.signed_in.pop(client, None)
        name = self.signed_in.get(client)
        if path == "/v1/token":
            if name is None:
                return None
            self.stale -= (is_stale := self.stale > 0)
            self.handed_out.append(self.token(name, party, -HOLDS_SECONDS if is_stale else HOLDS_SECONDS))
            return {"jwt": self.handed_out[-1]}
        session = None
        if name is not None:
            email = f"{name}@example.org"
            session = {"id": f"user_{name}", "session": f"sess_{name}", "name": NAMES[name], "email": email}
        return {"session": session} if path == "/v1/client" else session or {}

    def document(self, path: str) -> tuple[str, str] | None:
        """What is to be had by GET: its kind and its text."""
        if CLERK_JS.fullmatch(path):
            return "text/javascript", BROWSER.read_text()
        if CLERK_UI.fullmatch(path):
            return "text/javascript", "window.__internal_ClerkUICtor = class {};"
        if path == "/.well-known/openid-configuration":
            return "application/json", json.dumps({"issuer": self.url, "jwks_uri": f"{self.url}/jwks"})
        if path == "/jwks":
            public = json.loads(RSAAlgorithm.to_jwk(self.key.public_key()))
            return "application/json", json.dumps({"keys": [public | {"kid": "one", "use": "sig", "alg": "RS256"}]})
        return None


def _handler(stand_in: StandIn) -> type[BaseHTTPRequestHandler]:
    class Answers(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing."""

        def _reply(self, status: int, kind: str, text: str) -> None:
            body = text.encode()
            self.send_response(status)
            self.send_header("content-type", kind)
            self.send_header("content-length", str(len(body)))
            self.send_header("cache-control", "no-store")
            self.send_header("access-control-allow-origin", self.headers.get("origin", "*"))
            self.send_header("access-control-allow-headers", "content-type")
            self.end_headers()
            self.wfile.write(body)

        def do_OPTIONS(self) -> None:
            self._reply(204, "text/plain", "")

        def do_GET(self) -> None:
            found = stand_in.document(self.path.partition("?")[0])
            if stand_in.is_away:
                self._reply(503, "text/html", "<h1>out of order</h1>")
            elif found is None:
                self._reply(404, "text/plain", self.path)
            else:
                self._reply(200, *found)

        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
            if stand_in.is_away:
                self._reply(503, "text/html", "<h1>out of order</h1>")
                return
            found = stand_in.answer(self.path, asked, self.headers.get("origin"))
            self._reply(200 if found is not None else 401, "application/json", json.dumps(found))

    return Answers


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Pass over a browser that hangs up, or wants to know whether its user believes the certificate."""


def certificate(folder: Path) -> Path:
    """A certificate for the loopback with its key behind it, which whoever is to believe it must be told of."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    kinds = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    path = folder / "clerk.pem"
    path.write_bytes(made.public_bytes(serialization.Encoding.PEM) + key.private_bytes(*kinds))
    return path


@contextmanager
def standing_in(pem: Path) -> Iterator[StandIn]:
    """Serve it until left."""
    stand_in = StandIn("")
    server = _Server(("127.0.0.1", 0), _handler(stand_in))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    # The handshake belongs to the thread of the connection: a browser that opens one and says nothing would halt all.
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    stand_in.url = f"https://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever, name="clerk")
    thread.start()
    try:
        yield stand_in
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
