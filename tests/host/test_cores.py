from badge.host.cores import cores


def test_there_is_a_core():
    assert cores() >= 1
