import io
import json
from collections import Counter

import pytest

from sim.view.export.mcap import write_mcap
from sim.view.open import open_picture

reader = pytest.importorskip("mcap.reader", reason="needs the extra [test]")


def test_its_own_reader_finds_events_fixes_and_numbers(run):
    opened = open_picture([str(run)])
    file = io.BytesIO()
    write_mcap(opened, file)
    file.seek(0)
    made = reader.make_reader(file)
    topics, before_ns = Counter(), 0
    for schema, channel, message in made.iter_messages():
        topics[channel.topic.split("/", 2)[2]] += 1
        assert message.log_time >= before_ns
        before_ns = message.log_time
        content = json.loads(message.data)
        if schema.name == "foxglove.LocationFix":
            assert 45 < content["latitude"] < 46
            at_ns = content["timestamp"]["sec"] * 10**9 + content["timestamp"]["nsec"]
            assert at_ns == message.log_time
    assert topics["events"] == opened.picture.rows
    assert topics["true"] == opened.picture.rows
    assert {"fix", "battery", "queue", "rssi/mixer"} <= set(topics)
    assert made.get_summary().statistics.message_count == topics.total()
