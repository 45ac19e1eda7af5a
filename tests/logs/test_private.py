"""What is private in a text: exact hits, bounds, and no harm from any bytes."""

import random

from submission_checker.logs.private import (
    CODE,
    END_BYTES,
    KINDS,
    LOG,
    LOG_HEAD_BYTES,
    TEXT,
    WHOLE_BYTES,
    private_hits,
)


def hits(text, searches=TEXT):
    data = text if isinstance(text, bytes) else text.encode()
    return [(h.kind, h.line, h.value, h.count) for h in private_hits(data, "f", searches)]


def test_each_value_once_with_first_line_and_count():
    assert hits("x\n/home/jdoe/a /home/jdoe/b\n/home/asmith\n/home/jdoe") == [
        ("path", 2, "/home/jdoe", 3), ("path", 3, "/home/asmith", 1)]


def test_hosts_in_urls_and_images_are_urls():
    assert hits("http://a.b.corp/x\nreg.corp:5000/img\nat a.b.corp\nhttp://10.0.0.1:80/") == [
        ("url", 1, "a.b.corp", 1), ("url", 2, "reg.corp", 1), ("host", 3, "a.b.corp", 1),
        ("url", 4, "10.0.0.1", 1)]


def test_numbers_that_are_no_addresses():
    for text in ("TensorRT 10.11.0.33", "torch==10.2.3.4", '"curand": "10.3.7.77"',
                 "10.2.3.4.5", "10.300.1.1", "172.15.0.1", "v10.1.2.3", "192.168.1"):
        assert hits(text) == [], text
    assert hits('"server_ip": "10.3.7.77"') == [("address", 1, "10.3.7.77", 1)]


def test_code_is_searched_for_names_and_keys_only():
    text = "a.local 10.1.2.3 jane@acme.com /home/jdoe AKIA" + "Q7W3E5R2T8Y4U6I1"
    assert [hit[0] for hit in hits(text, CODE)] == ["path", "secret"]
    assert [hit[0] for hit in hits(text, LOG)] == ["host", "address", "mail", "path"]


def test_a_secret_is_never_shown():
    key = "ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"
    found, = private_hits(f"token {key}\npassword: Zx9fGt2Q".encode(), "f")[:1]
    assert found.value == "ghp_a1… (40 characters)"
    named = private_hits(b'"password": "Zx9fGt2Q"', "f")[0]
    assert (named.value, named.known_form) == ("password … (8 characters)", False)


def test_only_the_ends_of_large_files_are_searched():
    def at(offset, size, searches):
        data = bytearray(b" " * size)
        data[offset : offset + 12] = b" /home/jdoe "
        return hits(bytes(data), searches)

    size = WHOLE_BYTES + 100
    assert at(0, size, TEXT) == [("path", 1, "/home/jdoe", 1)] == at(size - 20, size, TEXT)
    assert at(END_BYTES + 10, size, TEXT) == []
    assert at(END_BYTES + 10, WHOLE_BYTES, TEXT) != []
    assert at(LOG_HEAD_BYTES + 100, 100_000, LOG) == []


def test_a_value_at_the_end_of_the_searched_part_is_not_cut():
    data = b" " * (LOG_HEAD_BYTES - 8) + b"/home/jdoe/x" + b" " * 100_000
    assert hits(data, LOG) == []


def test_a_list_of_values_is_bounded():
    text = "\n".join(f"/home/person{n}" for n in range(1000))
    assert len(hits(text)) == KINDS


def test_any_bytes_are_read():
    parts = [b"/home/", b"@", b"a.", b".corp", b"10.", b"1.", b"GPU-", b"hf_", b":", b"0f", b"sk-",
             b"eyJ", b"password", b"=", b"\n", b"\\Users\\", b"\xff", b"x" * 300, b"-----"]
    generator = random.Random(20)
    for _ in range(300):
        data = b"".join(generator.choices(parts, k=60))
        for hit in private_hits(data, "f"):
            assert 1 <= hit.line <= data.count(b"\n") + 1
            assert hit.count >= 1
