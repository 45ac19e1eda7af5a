"""Real logs of the bundled submission, and ways to damage them."""

from hypothesis import strategies as st

from tests.conftest import ROOT

BASE = ROOT / "fixtures" / "demo_submission" / "closed" / "DemoOrg"
RUN = BASE / "results" / "demo-host" / "toyllm" / "Server" / "performance" / "run_1"
DETAIL = (RUN / "mlperf_log_detail.txt").read_bytes()
SUMMARY = (RUN / "mlperf_log_summary.txt").read_bytes()
ACCURACY = (RUN.parents[1] / "accuracy" / "mlperf_log_accuracy.json").read_bytes()
TEXT = (RUN.parents[1] / "accuracy" / "accuracy.txt").read_bytes()
CONF = (BASE / "measurements/demo-host/toyllm/Server/user.conf").read_bytes()
SYSTEM = (BASE / "systems" / "demo-host.json").read_bytes()
PIECES = st.sampled_from([b"\n", b"\r\n", b"\x00", b"\xff\xfe", b'"', b"{", b"}", b"[" * 400,
                          b":::MLLOG ", b"NaN", b"1e400", b"-Infinity", b"=", b"#", b" : ",
                          b"9" * 5000, b"\xef\xbb\xbf", b"\xed\xa0\x80"])


@st.composite
def damaged(draw, *whole):
    """Return one of the texts with pieces cut out, doubled, replaced or put in."""
    data = draw(st.sampled_from(whole))
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(data)))
        to = min(len(data), at + draw(st.integers(0, 200)))
        piece = draw(st.one_of(PIECES, st.binary(max_size=40)))
        data = draw(st.sampled_from([
            data[:at], data[at:], data[:at] + data[to:], data[:to] + data[at:],
            data[:at] + piece + data[to:], data[:at] + piece + data[at:],
        ]))
    return data
