"""Why an exchange could not be claimed: somebody serves it."""

from dataclasses import dataclass

from livermore.core.instance.status import Status
from livermore.core.market.timeframe import Millis


@dataclass(frozen=True, slots=True)
class Refusal:
    """Another instance serves the exchange: its status, and the Millis after which its claim runs out if it is dead."""

    holder: Status
    time_left: Millis

    @property
    def sentence(self) -> str:
        """Who holds the exchange, where, since when and for how long at least."""
        holder = self.holder
        admin = f", started by {holder.admin_email}" if holder.admin_email else ""
        address = f" ({holder.ip_address})" if holder.ip_address else ""
        return (
            f"{holder.exchange_name} is served by an instance on {holder.hostname}{address}, process {holder.pid}, "
            f"{holder.connection_state}{admin}; if that is dead, its claim runs out in {self.time_left / 1_000:.0f} s"
        )
