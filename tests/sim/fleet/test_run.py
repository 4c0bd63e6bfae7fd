from sim.fleet.job import Job, Progress
from sim.fleet.run import run_document, word
from tests.sim.fleet.story import parameters, source


def test_a_document_depends_on_nothing_but_the_run(tmp_path):
    job = Job(source(), parameters(source()), tmp_path)
    fast = Job(source(), parameters(source()), tmp_path / "other", speed=60.0)
    assert run_document(job, [], whole=True) == run_document(fast, [], whole=True)


def test_the_words_beside_the_bar():
    said = word(Progress(events=5, accepted=1234, retries=2), "day 2 10:40:00", 0.0)
    assert said.startswith("day 2 10:40:00  ")
    assert said.endswith("accepted 1,234  rejected 0  retries 2")
