"""Where the server is, for who asks for another link."""

from pathlib import Path

import pytest

from livermore.app.sign_in_link import ADDRESS, note_address
from livermore.errors import ConfigError


def test_the_address_is_noted_where_nothing_was_kept_before(tmp_path: Path) -> None:
    note_address(tmp_path / ".livermore" / "live", "http://127.0.0.1:8800")

    assert (tmp_path / ".livermore" / "live" / ADDRESS).read_text() == "http://127.0.0.1:8800"


def test_a_directory_that_cannot_be_used_is_an_error_that_names_it(tmp_path: Path) -> None:
    (tmp_path / "live").write_text("a file")

    with pytest.raises(ConfigError, match=str(tmp_path / "live")):
        note_address(tmp_path / "live", "http://127.0.0.1:8800")
