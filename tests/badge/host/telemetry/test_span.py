"""A span that nobody hears of takes everything and does nothing."""

from badge.host.telemetry.span import UNHEARD


def test_an_unheard_span_has_no_headers_and_no_state():
    UNHEARD.tell({"a": 1})
    UNHEARD.rename("x")
    UNHEARD.failed("500")
    UNHEARD.end()
    assert UNHEARD.headers == {}
    assert vars(UNHEARD) == {}
