import json

import pytest

from badge.errors import InputError
from sim.reconcile.truth import read_truth
from tests.sim.reconcile.site import events, write_run


def test_a_folder_is_a_run_and_a_file_is_a_log(tmp_path):
    run = write_run(tmp_path / "run", events(badges=1, each=3), [])
    assert read_truth(run).folder == run / "truth"
    assert [row.sequence_number for row in read_truth(run).logged()] == [1, 2, 3]
    log = tmp_path / "events.ndjson"
    log.write_text("".join(json.dumps(one) + "\n" for one in events(badges=1, each=2)))
    assert read_truth(log).folder is None
    assert len(list(read_truth(log).logged())) == 2
    assert read_truth(log).sessions() is None


def test_what_is_no_run_is_said(tmp_path):
    with pytest.raises(InputError, match="no such folder or file"):
        read_truth(tmp_path / "none")
    with pytest.raises(InputError, match=r"there is no truth/events\.ndjson in it"):
        read_truth(tmp_path)
