"""What a call may name: paths within the folder, and hosts on this computer."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from badge.cli.mcp.rule import is_loopback, numbers_of, rule_of
from badge.errors import InputError


@pytest.fixture
def rule(tmp_path):
    folder = tmp_path / "project"
    (folder / "runs").mkdir(parents=True)
    (folder / "out-link").symlink_to(tmp_path)
    (folder / "in-link").symlink_to(folder / "runs")
    (folder / "circle").symlink_to(folder / "circle")
    return rule_of(folder, ("staging.example.org",))


@pytest.mark.parametrize(
    "text", ["run.ndjson", "runs/../a.yaml", "in-link/x", ".", "-", "new/deep/er", "a b", "ü.yaml"]
)
def test_a_path_within_is_given_as_it_was_written(rule, text):
    assert rule.path(text, "out").removeprefix("./") == text.removeprefix("./")


@pytest.mark.parametrize(
    "text",
    [
        *("..", "../project-2/x", "runs/../../x", "/etc/passwd", "out-link/x", "circle", "~/x"),
        *("", " ", "a\0b", "file:///etc/passwd", "s3://bucket/x", "http://127.0.0.1/x", "chaos:7"),
        *("sqlite:////etc/x", "memory://x", "C:\\x", "/proc/self/environ", "/dev/stdin"),
    ],
)
def test_a_path_that_leaves_is_refused_in_a_sentence(rule, text):
    with pytest.raises(InputError, match=r"^out"):
        rule.path(text, "out")


@given(parts=st.lists(st.sampled_from(["..", ".", "runs", "x", "out-link", ""]), max_size=6))
def test_whatever_is_let_through_lies_within(tmp_path_factory, parts):
    outside = tmp_path_factory.getbasetemp()
    folder = outside / "inside"
    (folder / "runs").mkdir(parents=True, exist_ok=True)
    if not (folder / "out-link").is_symlink():
        (folder / "out-link").symlink_to(outside)
    try:
        word = rule_of(folder, ()).path("/".join(parts), "out")
    except InputError:
        return
    assert (folder / word).resolve().is_relative_to(folder.resolve())


@pytest.mark.parametrize(
    ("text", "good"),
    [
        ("sqlite:///badge.db", True),
        ("events.ndjson", True),
        ("sqlite:////etc/x", False),
        ("sqlite:///%2e%2e/x", False),
        ("sqlite://host/x", False),
        ("postgresql://localhost/x", False),
        ("duckdb:///x.db", False),
    ],
)
def test_a_store_is_a_file_within(rule, text, good):
    if good:
        assert rule.store(text, "events") == text
        return
    with pytest.raises(InputError):
        rule.store(text, "events")


@pytest.mark.parametrize(
    "text",
    [
        "http://127.0.0.1:8080",
        "http://localhost:1/api/events",
        "https://[::1]:8443/",
        "http://127.8.9.1",
        "http://staging.example.org:8080/a-b/c_d~e",
        "http://STAGING.example.org",
    ],
)
def test_a_host_of_this_computer_or_an_allowed_one_may_be_reached(rule, text):
    assert rule.url(text, "to") == text


@pytest.mark.parametrize(
    "text",
    [
        *(
            "http://example.org",
            "http://127.0.0.1.example.org",
            "http://10.0.0.1",
            "ftp://127.0.0.1",
        ),
        *("http://127.0.0.1@example.org", "http://localhost:80@example.org/", "127.0.0.1:8080"),
        *(
            "http://127.0.0.1\\@example.org",
            "http://[::ffff:10.0.0.1]",
            "http://0.0.0.0",
            "http://",
        ),
        *("http://127.0.0.1:80/ x", "http://127.0.0.1\n", "http://localhost#@example.org", ""),
        *("http://2130706433.example", "http://evil.staging.example.org", "http://127.0.0.1?x=1"),
    ],
)
def test_any_other_host_is_refused(rule, text):
    with pytest.raises(InputError, match=r"^to"):
        rule.url(text, "to")


def test_the_root_is_no_folder_of_a_project():
    from pathlib import Path

    with pytest.raises(InputError, match="project"):
        rule_of(Path("/"), ())


@pytest.mark.parametrize("host", ["a b", "x/y", "http://x", ""])
def test_an_allowed_host_is_a_name_or_a_number(tmp_path, host):
    with pytest.raises(InputError, match="--allow-host"):
        rule_of(tmp_path, (host,))


def test_a_loopback_host_is_known_by_name_and_number():
    assert [is_loopback(one) for one in ("localhost", "127.0.0.2", "::1", "0.0.0.0", "x")] == [
        *(True, True, True, False, False)
    ]
    assert numbers_of(("127.0.0.9", "no such host")) == {"127.0.0.9"}
