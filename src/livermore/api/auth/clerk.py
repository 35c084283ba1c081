"""Clerk as the screens use it: its publishable key, and what of it a browser may load."""

from dataclasses import dataclass
from typing import Final

CHALLENGES: Final = "https://challenges.cloudflare.com"
PROTECTION: Final = "https://*.protect.clerk.com"


@dataclass(frozen=True, slots=True)
class ClerkFront:
    """The publishable key, and the `origin` of the frontend API that it names, as in ``https://clerk.example.org``."""

    key: str
    origin: str

    @property
    def allowances(self) -> dict[str, str]:
        """What Clerk's documentation asks of a content security policy, by directive.

        Its pictures, styles and workers ask for nothing that our own policy does not allow already, and it needs no
        inline script. The abuse protection listens at other ports than 443 as well.
        """
        return {
            "script-src": f"{self.origin} {CHALLENGES} {PROTECTION}",
            "connect-src": f"{self.origin} {PROTECTION}:*",
            "frame-src": f"{CHALLENGES} {PROTECTION}",
        }
