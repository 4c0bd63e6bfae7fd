"""The named equals: each is there, once, with its reason."""

from __future__ import annotations

from importlib.util import find_spec

import pytest

from tests.mutation.equal import equals

ONE = "a.b:f\n- x = 1\n+ x = 2\n= why not\n"


def test_a_name_is_what_changed_and_its_reason():
    assert equals(f"# said\n\n{ONE}- y\n+2 z\n= so\n") == {
        ("a.b:f", "x = 1", "x = 2", 1): "why not",
        ("a.b:f", "y", "z", 2): "so",
    }


@pytest.mark.parametrize("text", [ONE + ONE, "a.b:f\n- x\n+ y\n= \n", "a.b\n", "? x\n"])
def test_what_is_none_is_told_with_its_line(text):
    with pytest.raises(ValueError, match=r"equal\.txt line \d"):
        equals(text)


@pytest.mark.slow
@pytest.mark.skipif(find_spec("mutmut") is None, reason="needs the extra `mutation`")
def test_every_name_is_still_there():
    from tests.mutation.mutants import mutants_of
    from tests.mutation.run import not_there, targets

    modules = {key[0].partition(":")[0] for key in equals()}
    files = [one for one in targets() if one.removesuffix(".py").replace("/", ".") in modules]
    assert len(files) == len(modules)
    assert not_there([mutant for file in files for mutant in mutants_of(file)]) == []
