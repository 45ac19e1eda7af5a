"""Run one test of the real LoadGen with settings from a JSON text; every query is answered at once.

    python -m tests.loadgen_child SETTINGS OUTDIR
"""

import json
import sys

import mlperf_loadgen as lg
import numpy as np

ANSWER = np.array([7], np.int32)


def answer(samples):
    lg.QuerySamplesComplete([
        lg.QuerySampleResponse(sample.id, ANSWER.ctypes.data, ANSWER.nbytes) for sample in samples
    ])


def main():
    given, outdir = json.loads(sys.argv[1]), sys.argv[2]
    total, block = given.pop("samples")
    traced = given.pop("trace", False)
    settings = lg.TestSettings()
    settings.scenario = getattr(lg.TestScenario, given.pop("scenario"))
    settings.mode = getattr(lg.TestMode, given.pop("mode"))
    for name, value in given.items():
        setattr(settings, name, value)
    log = lg.LogSettings()
    log.enable_trace = traced
    log.log_output.outdir = outdir
    log.log_output.copy_summary_to_stdout = False
    sut = lg.ConstructSUT(answer, lambda: None)
    qsl = lg.ConstructQSL(total, block, lambda indices: None, lambda indices: None)
    lg.StartTestWithLogSettings(sut, qsl, settings, log)
    lg.DestroyQSL(qsl)
    lg.DestroySUT(sut)


if __name__ == "__main__":
    main()
