"""A county site that answers http and https at one port, as real hosts answer both under one name."""

from __future__ import annotations

import asyncio
import ssl
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, ClassVar, Self

from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.portals.base import Answer
from tests.portals.county import CountyPortal

if TYPE_CHECKING:
    from pathlib import Path

# What a TLS connection begins with.
HANDSHAKE = b"\x16"


def certificate(folder: Path) -> ssl.SSLContext:
    """A server's TLS with a certificate that it signed itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "self.example")])
    now = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    file = folder / "server.pem"
    encoding, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    private = key.private_bytes(encoding, serialization.PrivateFormat.PKCS8, plain)
    file.write_bytes(private + signed.public_bytes(encoding))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context


class TwoDoorsPortal(CountyPortal):
    """A county site with a plain and a secret door; ``asked`` are scheme and address of each request.

    By ``way`` the plain door sends its readers to the secret one (``https``), all of them to its home page
    (``https_home``), the secret one to the plain (``http``), each to the other (``circle``), or the secret one refuses
    (``https_403``). ``absolute`` is the scheme that the site's own links name, if they do.
    """

    ways: ClassVar[frozenset[str]] = frozenset({"", "https", "https_home", "http", "circle", "https_403"})

    def __init__(self, name: str, code: str, *args: object, way: str, tls: ssl.SSLContext, absolute: str = "") -> None:
        assert way in self.ways
        super().__init__(name, code, *args)
        self.way = way
        self.absolute = absolute
        self.tls = tls
        self.asked: list[tuple[str, str]] = []
        self._backs: dict[bool, int] = {}
        self._front: asyncio.Server | None = None

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_route("*", "/{tail:.*}", self._serve)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        for number, tls in enumerate((None, self.tls)):
            await web.TCPSite(self._runner, self.host, 0, ssl_context=tls).start()
            self._backs[bool(number)] = self._runner.addresses[number][1]
        self._front = await asyncio.start_server(self._connect, self.host, 0)
        self.port = self._front.sockets[0].getsockname()[1]
        self.files = self.build()
        if self.absolute:
            links = f'href="{self.absolute}://{self.host}:{self.port}/'.encode()
            self.files = {
                path: Answer(answer.body.replace(b'href="/', links), answer.media_type)
                for path, answer in self.files.items()
            }
        return self

    async def __aexit__(self, *error: object) -> None:
        assert self._front
        self._front.close()
        await super().__aexit__(*error)

    async def dynamic(self, request: web.Request) -> Answer | None:
        """Send the reader to the other door, or refuse it."""
        self.asked.append((request.scheme, request.path_qs))
        secret = request.scheme == "https"
        if secret and self.way == "https_403":
            return Answer(b"Forbidden", status=403)
        if self.way in {"circle", "http" if secret else "https"}:
            return self._sent(secret, request.path_qs)
        return self._sent(secret, "/") if self.way == "https_home" and not secret else None

    def _sent(self, secret: bool, path: str) -> Answer:
        scheme = "http" if secret else "https"
        return Answer(b"", status=301, location=f"{scheme}://{self.host}:{self.port}{path}")

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        first = await reader.read(1)
        back = self._backs[first == HANDSHAKE]
        answer, request = await asyncio.open_connection(self.host, back)
        request.write(first)
        with suppress(ConnectionError):
            await asyncio.gather(_carry(reader, request), _carry(answer, writer))


async def _carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while part := await reader.read(65536):
        writer.write(part)
        await writer.drain()
    writer.close()
