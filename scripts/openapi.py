"""Write the description of the API to docs/openapi.json, or check that it is there as the routes say it."""

import json
import sys
from pathlib import Path

from livermore.api.app import create_app

TARGET = Path(__file__).resolve().parent.parent / "docs" / "openapi.json"


def main() -> int:
    """Write, or with ``--check`` compare; 1 where they differ."""
    text = json.dumps(create_app().openapi(), indent=2, sort_keys=True, ensure_ascii=False) + "\n"
    if "--check" not in sys.argv[1:]:
        TARGET.write_text(text, encoding="utf-8")
        return 0
    if TARGET.is_file() and TARGET.read_text(encoding="utf-8") == text:
        return 0
    print(
        "docs/openapi.json is not what the routes say: run scripts/openapi and commit what it writes", file=sys.stderr
    )
    return 1


if __name__ == "__main__":
    sys.exit(main())
