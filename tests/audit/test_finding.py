from livermore.audit.finding import DAMAGE, ExchangeAudit, Finding, Kind, Outcome
from livermore.core.market.exchange import COINBASE
from livermore.core.market.timeframe import HOUR, Timeframe


def audit_with(*kinds: Kind) -> ExchangeAudit:
    findings = tuple(Finding(kind, "id", "BTC-USD", Timeframe.H1, 0, "level_150") for kind in kinds)
    return ExchangeAudit(COINBASE, False, 0, HOUR, 1, 1, Outcome(0, 0, findings), ())


def test_every_kind_is_counted_and_only_damage_is_unclean() -> None:
    for kind in Kind:
        audit = audit_with(kind)
        assert audit.counts == {one: int(one is kind) for one in Kind}
        assert audit.is_clean is (kind not in DAMAGE)
    assert audit_with().is_clean


def test_a_finding_knows_the_close_of_its_candle_where_it_has_one() -> None:
    assert audit_with(Kind.LATE).outcome.findings[0].closes_at == HOUR
    assert Finding(Kind.FALSE, "id", "", None, None, "").closes_at is None
