import base64
import json
import re
import struct
import zlib

from sim.view.open import open_picture
from sim.view.page import SCRIPTS, body_of, page, policy, whole_page


def unframed(body):
    (length,) = struct.unpack_from("<I", body)
    assert (4 + length) % 8 == 0
    return json.loads(body[4 : 4 + length])


def test_the_page_loads_nothing_from_outside_and_every_script_is_in_it():
    text = page("abc")
    assert not re.search(r"(?:src|href)\s*=\s*[\"'](?!data:)", text)
    assert not re.search(r"https?://(?!www\.w3\.org)", text)
    assert text.count('nonce="abc"') == 2
    assert "async function begin()" in text
    assert len(SCRIPTS) == len(set(SCRIPTS))
    assert "default-src 'none'" in policy("abc")


def test_one_file_holds_the_picture_and_all_about_each_event(run):
    opened = open_picture([str(run)])
    text = b"".join(whole_page(opened)).decode()
    pieces = dict(re.findall(r'<script type="text/plain" id="([\w-]+)">([^<]*)</script>', text))
    assert zlib.decompress(base64.b64decode(pieces["picture"])) == body_of(opened)
    details = json.loads(zlib.decompress(base64.b64decode(pieces["details-0"])))
    assert details[7] == json.loads(json.dumps(opened.about(7)))


def test_the_same_run_is_the_same_file(run):
    one, two = (b"".join(whole_page(open_picture([str(run)]))) for _ in range(2))
    assert one == two


def test_no_text_of_the_picture_can_end_its_script(run):
    opened = open_picture([str(run)])
    opened.picture.document["title"] = "</script><script>alert(1)</script>"
    text = b"".join(whole_page(opened)).decode()
    assert "alert(1)" not in text


def test_numbers_that_json_does_not_have_are_null(run):
    opened = open_picture([str(run)])
    opened.picture.document["facts"]["x"] = float("nan")
    assert unframed(body_of(opened))["facts"]["x"] is None
