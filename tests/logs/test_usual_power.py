"""Power records read many at a time are those that are read line by line."""

from hypothesis import given
from hypothesis import strategies as st

from submission_checker.logs.power import read_ptd_log, read_spl
from submission_checker.model.power import Samples, SplRecord
from tests.logs.mutations import damaged

USUAL = (
    b"Time,02-17-2022 15:23:03.414,Watts,16.770000,Volts,121.070000,Amps,0.331200,"
    b"PF,0.418100,Mark,2022-02-17_07-11-32_testing\n"
    b"Time,02-17-2022 15:23:04.429,Watts,-1,Volts,121.2,Amps,0.3455,PF,0.4,Mark,a\r\n"
    b"Time,12-31-2021 23:59:59.999999,Watts,17.7,Volts,121.2,Amps,0.3,PF,0.4,Mark,"
    b"run,Ch1,Watts,8.1\n"
)
ODD = b"no record\n"
"""A line that sends its whole block line by line."""


def test_usual_records():
    first, second, third = map(SplRecord._make, zip(*read_spl([USUAL], "spl.txt").samples.columns,
                                                    strict=True))
    assert first == (1, 1645111383.414, 16.77, 121.07, 0.3312, 0.4181,
                     "2022-02-17_07-11-32_testing", False)
    assert (second.watts, second.mark, second.many_channels) == (-1.0, "a", False)
    assert (third.line, third.mark, third.many_channels) == (3, "run", True)


@given(damaged(USUAL, USUAL * 3), st.integers(0, 2))
def test_both_ways_agree(data, blanks):
    whole = data if data.endswith(b"\n") else data + b"\n"
    whole += b"\r\n" * blanks
    at_once, by_line = read_spl([whole], "spl.txt"), read_spl([whole + ODD], "spl.txt")
    assert at_once.samples == by_line.samples
    assert at_once.bad_count == by_line.bad_count - 1


@given(damaged(USUAL * 3), st.integers(1, 60))
def test_blocks_are_cut_anywhere(data, size):
    blocks = [data[at:at + size] for at in range(0, len(data), size)]
    assert read_spl(blocks, "spl.txt") == read_spl([data], "spl.txt")


def test_notable_lines():
    log = read_ptd_log([b"Select\n02-17-2022 15:12:02.010: Go with mark 'a_ranging'\r\n"
                        b"02-17-2022 15:61:02.010: ERROR: x\nWARNING: no stamp"], "ptd_logs.txt")
    assert log.lines == ((2, 1645110722.01, "Go with mark 'a_ranging'"), (3, None, "ERROR: x"),
                         (4, None, "WARNING: no stamp"))


@given(st.lists(st.integers(0, 9)), st.integers(0, 9), st.integers(0, 9))
def test_samples_between(times, begin, end):
    samples = Samples.of(SplRecord(n, t, 1.0, None, None, None, "", False)
                         for n, t in enumerate(times))
    inside = samples.between(begin, end)
    assert list(inside.lines) == [n for n, t in enumerate(times) if begin < t < end]


@given(st.lists(st.sampled_from([b"ERROR: a", b"WARNING:", b"x", b"", b"Go with mark ERROR:"])),
       st.integers(1, 30))
def test_notable_lines_in_any_blocks(lines, size):
    data = b"\n".join(lines)
    log = read_ptd_log([data[at:at + size] for at in range(0, len(data), size)], "x")
    assert [line.line for line in log.lines] == [
        n for n, line in enumerate(lines, 1) if line not in (b"x", b"")]
