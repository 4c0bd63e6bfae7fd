from sim.fleet.webhooks.open import NoWebhooks, open_webhooks
from sim.fleet.webhooks.options import WebhookOptions
from sim.fleet.webhooks.run import WebhookRun
from sim.scenario.plan.roster import Roster
from tests.sim.fleet.story import parameters, source
from tests.sim.scenario.story import SMALL


def opened(text, folder):
    story = source(text)
    roster = Roster(story, parameters(story))
    return open_webhooks(roster, WebhookOptions(), folder / "platforms", folder, None, 1)


def test_without_platforms_there_is_nothing_to_play_or_write(tmp_path):
    with opened(SMALL, tmp_path) as nobody:
        nobody.finish()
    assert isinstance(nobody, NoWebhooks)
    assert (nobody.write(tmp_path, {}), nobody.figures()) == ({}, {})
    assert list(tmp_path.iterdir()) == []


def test_one_platform_is_enough(tmp_path):
    webhooks = opened(SMALL + "platforms: {grouplink: {}}\n", tmp_path)
    assert isinstance(webhooks, WebhookRun)
    assert webhooks.names == ["grouplink"]
