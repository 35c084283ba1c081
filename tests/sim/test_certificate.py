"""The simulator serves TLS to whoever trusts the certificate of its run, and to nobody else."""

import ssl
from pathlib import Path

import aiohttp
import pytest

from livermore.errors import ConfigError
from livermore.sim.server import serve
from sim.conftest import settings_of


async def test_https_and_wss_are_served_under_a_certificate_that_can_be_trusted(
    tmp_path: Path, http: aiohttp.ClientSession
) -> None:
    file = tmp_path / "sim.pem"
    async with serve(settings_of(certificate=file)) as sim:
        urls = sim.urls["coinbase"]
        trusting = ssl.create_default_context(cafile=file)
        async with http.get(f"{urls.rest}/api/v3/brokerage/time", ssl=trusting) as response:
            assert response.status == 200
        async with http.ws_connect(urls.websocket, ssl=trusting) as socket:
            await socket.send_json({"type": "subscribe", "channel": "heartbeats"})
            assert (await socket.receive_json())["channel"] == "subscriptions"
        local = urls.rest.replace("127.0.0.1", "localhost")
        async with http.get(f"{local}/api/v3/brokerage/time", ssl=trusting) as response:
            assert response.status == 200
        with pytest.raises(aiohttp.ClientConnectorCertificateError):
            await http.get(f"{urls.rest}/api/v3/brokerage/time")

    assert urls.rest.startswith("https://")
    assert urls.websocket.startswith("wss://")
    assert "PRIVATE" not in file.read_text()


async def test_a_file_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(ConfigError, match="cannot be written"):
        async with serve(settings_of(certificate=tmp_path / "file" / "sim.pem")):
            pass
