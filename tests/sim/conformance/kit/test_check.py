from __future__ import annotations

from sim.conformance.run import checks


def test_every_check_has_a_name_of_its_own_and_a_clause():
    everything = checks()
    assert len(everything) >= 80
    assert all(check.name == name and check.clause for name, check in everything.items())
    assert all(len(name) <= 50 and name[0].islower() for name in everything)


def test_what_must_be_passed_is_most_of_it():
    levels = [check.level for check in checks().values()]
    assert levels.count("must") > 4 * levels.count("should")
