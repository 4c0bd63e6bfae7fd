"""A store in memory becomes a flash image that a boot reads back whole."""

from badge.badge import Badge
from badge.host.core.image import image_of
from badge.inputs import Assign, Boot, ConfigPush, Tick, UploadAnswer, UtcLearned
from badge.storage.geometry import Geometry
from badge.storage.journal import FlashJournal
from badge.storage.memory import MemoryStore
from sim.engine.flash import FlashChip
from tests.badge.story import START_UNIX_MS, story_config


def test_everything_is_in_the_image():
    store, geometry = MemoryStore(), Geometry()
    badge = Badge(story_config(queue_events_max=5), store)
    badge.receive(Boot(), 0)
    badge.receive(UtcLearned(START_UNIX_MS), 0)
    badge.receive(Assign("W-007"), 0)
    badge.receive(ConfigPush({"gps_interval_s": 5}), 1)
    (upload,) = [e for e in badge.receive(Tick(), 60_000) if hasattr(e, "body")]
    badge.receive(UploadAnswer(upload.request, 207, ((2, "no"),)), 60_001)
    badge.receive(Tick(), 200_000)
    chip = FlashChip(geometry)
    image = image_of(store, geometry)
    for at in range(0, len(image), geometry.page_bytes):
        chip._cells[at // geometry.page_bytes] = image[at : at + geometry.page_bytes]
    journal = FlashJournal(chip, geometry)
    recovered = journal.recover()
    assert recovered.lost == recovered.unfinished == ()
    assert journal.queue.entries == store.queue.entries
    assert journal.queue.quarantined == store.queue.quarantined
    for name in ("next_sequence", "floor", "overflow_count", "quarantine_count"):
        assert getattr(journal.queue, name) == getattr(store.queue, name), name
    assert (journal.state, journal.age_ms) == (store.state, store.age_ms)
    assert journal.config_document == store.config_document
    assert store.queue.overflow_count > 0
