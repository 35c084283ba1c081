"""`livermore up` sees whether its server can listen before it starts anything."""

import socket

import pytest

from livermore.app.up import check_address
from livermore.config import Environment
from livermore.errors import ConfigError


def test_a_port_that_is_taken_is_refused_and_one_that_is_free_is_not() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(ConfigError, match=rf"listen at 127\.0\.0\.1:{port} .*LIVERMORE_HTTP_PORT"):
            check_address(Environment(http_port=port))
    check_address(Environment(http_port=port))


def test_an_address_of_another_machine_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"listen at 203\.0\.113\.7:0"):
        check_address(Environment(http_host="203.0.113.7"))


def test_nobody_who_asked_for_nothing_is_refused() -> None:
    check_address(Environment())
