"""What people can try out: channels of their own, and thresholds over the market that was."""

from dataclasses import replace

import httpx

from api.stage import Stage
from api.test_last_mile import a_raised_alert
from livermore.api.app import serving
from livermore.core.account.people import Role
from livermore.core.account.settings import Channel

CHANNEL = {"id": "phone", "name": "Phone", "kind": "discord", "urlEnv": "LIVERMORE_CHANNEL_HOOK"}


class Messenger:
    def __init__(self) -> None:
        self.tried: list[tuple[int, str]] = []
        self.reason: str | None = None

    async def try_out(self, user_id: int, channel: Channel) -> str | None:
        self.tried.append((user_id, channel.url_env))
        return self.reason


async def test_people_try_their_own_channels(stage: Stage) -> None:
    messenger = Messenger()
    app = serving(replace(stage.window, messenger=messenger), None)
    ours, others = await stage.headers(Role.USER), await stage.headers(Role.USER)
    patch = {"notifications": {"channels": [CHANNEL]}}
    assert (await stage.http.patch("/api/v1/settings", json=patch, headers=ours)).status_code == 200
    path = "/api/v1/notifications/channels/phone/test"

    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://livermore.test") as http:
        assert (await http.post(path, headers=ours)).json() == {"delivered": True, "reason": None}
        messenger.reason = "Discord refused it with 404"
        told = (await http.post(path, headers=ours)).json()
        assert told == {"delivered": False, "reason": "Discord refused it with 404"}
        assert (await http.post(path, headers=others)).status_code == 404
        assert (await http.post(path)).status_code == 401
    assert [variable for _, variable in messenger.tried] == ["LIVERMORE_CHANNEL_HOOK", "LIVERMORE_CHANNEL_HOOK"]


async def test_thresholds_are_tried_on_what_is_stored(stage: Stage) -> None:
    alert = await a_raised_alert(stage)
    headers = await stage.headers(Role.SUBSCRIBER_BASIC)
    path = "/api/v1/settings/alerts/preview"

    told = (await stage.http.post(path, json={}, headers=headers)).json()
    assert told["ruleVersion"] == alert.rule_version
    assert any((one["timeframe"], one["label"]) == ("5m", alert.label) for one in told["fired"])
    assert told["total"] == sum(one["count"] for one in told["fired"])
    assert told["isApproximate"]
    assert 0 < next(one["days"] for one in told["coverage"] if one["timeframe"] == "5m") < 7

    far = (await stage.http.post(path, json={"firstLevel": 2000}, headers=headers)).json()
    assert far["total"] <= told["total"]
    assert (await stage.http.post(path, json={"firstLevel": -1}, headers=headers)).status_code == 422
    assert (await stage.http.post(path, json={"firstLvl": 1}, headers=headers)).status_code == 422


async def test_one_preview_at_a_time(stage: Stage) -> None:
    headers = await stage.headers()
    async with stage.window.previewing:
        answer = await stage.http.post("/api/v1/settings/alerts/preview", json={}, headers=headers)

    assert answer.status_code == 429
    assert answer.headers["retry-after"]
