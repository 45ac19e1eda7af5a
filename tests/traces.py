"""Traces in the form that LoadGen writes them, for a log of the bundled submission."""

from __future__ import annotations

from fixtures.builder import Tree

OTHER = ('{{"name":"IssueQuery","ph":"X","pid":1,"tid":1,"ts":1.000,"dur":1.000,"args":{{}}}}',
         '{{"name":"LogDetail","ph":"X","pid":1,"tid":1,"ts":2.000,"dur":1.000,'
         '"args":{{"key":""sut_name""}}}}')
SAMPLE = ('{{"name":"Sample","cat":"default","ph":"b","pid":1,"id":{seq},"ts":{at}.000,"args":'
          '{{"sample_seq":{seq},"query_seq":{query},"sample_idx":{seq},"issue_start_ns":0,'
          '"complete_ns":{done}}}}}')
END = '{{"name":"Sample","cat":"default","ph":"e", "pid":1,"id":{seq},"ts":{at}.500}}'
TAIL = '{"name":"LastTrace"}\n],\n"displayTimeUnit":"ns",\n"otherData":{\n"ts":1.0\n}\n}\n'


def trace_of(queries: int, each: int, longest_ns: int, *, whole: bool = True) -> str:
    """Return a trace of so many queries and samples, of which the last one ends last."""
    lines = [OTHER[0].format()]
    total = queries * each
    for seq in range(total):
        done = longest_ns if seq == total - 1 else longest_ns // 2
        lines += [form.format(seq=seq, query=seq // each, at=seq, done=done)
                  for form in (SAMPLE, END)]
    lines.append(OTHER[1].format())
    return '{"traceEvents":[\n' + ",\n".join(lines) + (",\n" + TAIL if whole else ",\n")


def traced(
    tree: Tree, log: str, *, queries: int = 0, samples: int = 0, factor: float = 1.0,
    whole: bool = True,
) -> Tree:
    """Add the trace of a run; ``queries`` and ``samples`` (per query) are more than the log's."""
    count = int(tree.log(log, "result_query_count")) + queries
    each = int(tree.log(log, "generated_samples_per_query")) + samples
    longest = round(float(tree.log(log, "result_max_latency_ns")) * factor)
    return tree.write(log.replace("detail.txt", "trace.json"),
                      trace_of(count, each, longest, whole=whole))
