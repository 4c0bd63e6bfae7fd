from badge.host.processes import cores


def test_there_is_a_core():
    assert cores() >= 1
