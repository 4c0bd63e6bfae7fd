"""Each rule of the house seen to fail once, on a small house that breaks it."""

from __future__ import annotations

import pytest

from tests.house import rules
from tests.house.rules import House

SOUND = {
    "badge/__init__.py": '"""The badge."""',
    "badge/errors.py": '"""Errors."""',
    "badge/contract/__init__.py": '"""The schema."""',
    "badge/contract/events.py": '"""Events."""\nfrom badge.errors import *',
    "badge/cli/__init__.py": '"""The command line."""',
    "badge/cli/commands.py": '"""The table."""\nTABLE = ("sim.world.radio:fade",)',
    "sim/__init__.py": '"""Nothing real."""',
    "sim/world/__init__.py": '"""Physics."""',
    "sim/world/radio.py": '"""Radio."""\nfrom badge.contract import events',
    "sim/fleet/__init__.py": '"""A crew."""',
    "sim/fleet/job.py": '"""A job."""\nimport sim.world.radio\nimport sim.fleet.output.parts',
    "sim/fleet/output/__init__.py": '"""Files."""',
    "sim/fleet/output/parts.py": '"""Parts."""',
    "hil/__init__.py": '"""Real wires."""',
    "tests/badge/test_errors.py": "",
    "tests/badge/contract/test_events.py": "",
    "tests/badge/cli/test_commands.py": "",
    "tests/sim/world/test_radio.py": "",
    "tests/sim/fleet/test_job_by_day.py": "",
    "tests/sim/fleet/output/test_parts.py": "",
}


def a_class(name):
    return f'"""Said."""\nclass {name}:\n    """One."""'


BREAKS = {
    rules.rooms_out_of_plan: {"sim/attic/box.py": '"""Old things."""'},
    rules.wrong_arrows: {"badge/errors.py": '"""Errors."""\ndef f():\n    import sim.world.radio'},
    rules.rooms_in_strings: {
        "sim/world/radio.py": '"""Radio."""\nfrom importlib import import_module\n'
        'job = import_module("sim.fleet.job")'
    },
    rules.circles_of_files: {
        "sim/world/radio.py": '"""Radio."""\nfrom typing import TYPE_CHECKING\n'
        "if TYPE_CHECKING:\n    from sim.world.place import Place",
        "sim/world/place.py": '"""Places."""\nfrom sim.world.radio import Radio',
    },
    rules.circles_of_folders: {
        "sim/fleet/output/parts.py": '"""Parts."""\nfrom sim.fleet.upload import keys',
        "sim/fleet/upload/keys.py": '"""Keys."""\nfrom sim.fleet.output import folder',
        "sim/fleet/output/folder.py": '"""Folder."""',
    },
    rules.children_on_parents: {
        "sim/fleet/output/parts.py": '"""Parts."""\nfrom sim.fleet import pace',
        "sim/fleet/pace.py": '"""Pace."""',
    },
    rules.users_of_cli: {
        "sim/fleet/cli.py": '"""Options."""',
        "sim/fleet/job.py": '"""A job."""\nfrom sim.fleet import cli',
    },
    rules.full_folders: {f"sim/world/model_{n}.py": '"""One of many."""' for n in range(15)},
    rules.long_files: {"sim/world/radio.py": '"""Radio."""\n' + "x = 1\n" * 400},
    rules.class_names_twice_in_a_room: {
        "sim/world/radio.py": a_class("Tag"),
        "sim/world/place.py": a_class("Tag"),
    },
    rules.class_names_of_two_meanings: {
        "sim/world/radio.py": a_class("Plan"),
        "sim/fleet/job.py": a_class("Plan"),
    },
    rules.banned_names: {"sim/world/radio.py": a_class("RadioManager")},
    rules.untested_modules: {"sim/world/gnss.py": '"""GNSS."""'},
    rules.tests_of_nothing: {"tests/sim/world/test_weather.py": ""},
    rules.retired_words: {"docs/air.md": "# The leash of a card"},
    rules.unsaid_packages: {"sim/world/__init__.py": '"""To be said."""'},
}


def build(root, files):
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return House(root)


@pytest.mark.parametrize("rule", rules.RULES, ids=lambda rule: rule.__name__)
def test_a_sound_house_breaks_no_rule(tmp_path, rule):
    assert rule(build(tmp_path, SOUND)) == []


@pytest.mark.parametrize("rule", rules.RULES, ids=lambda rule: rule.__name__)
def test_every_rule_sees_what_breaks_it(tmp_path, rule):
    assert len(rule(build(tmp_path, SOUND | BREAKS[rule]))) == 1
