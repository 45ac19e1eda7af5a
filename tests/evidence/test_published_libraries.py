"""Shuffles of other C++ libraries, against the ends of published logs that they were made with.

The numbers are retyped from mlcommons/inference_results_v3.1, and v0.5 and v2.1 where named.
"""

from submission_checker.evidence.accuracy_order import check_accuracy_order
from submission_checker.evidence.loaded_set import loadable_sets, set_key
from submission_checker.evidence.rng import Library
from submission_checker.evidence.settings import Settings, traits_of

SEEDS = (148687905518835231, 520418551913322573, 811580660758947900)


V05 = (3133965575612453542, 665484352860916858, 3622009729038561421)
V21 = (14284205019438841327, 4163916728725999944, 299063814864929621)


def settings(scenario, mode, total, loaded, qps):
    return Settings(scenario, mode, total, loaded, 1, 100, 100, 600000, 600000, qps, *SEEDS,
                    traits=traits_of((3, 1)))


def ends(found, library):
    (loaded,) = loadable_sets(set_key(found, library, found.total_count))
    return loaded[:6].tolist(), loaded[-4:].tolist()


def test_microsoft_library():
    """A laptop with Windows 11.

    open/CTuning/results/LAPTOP_2BNAH4LP-reference-cpu-onnxruntime-v1.15.1-default_config/resnet50
    /singlestream
    """
    run = settings("SingleStream", "PerformanceOnly", 50000, 1024, 34.5)
    assert ends(run, Library.MSVC) == (
        [21622, 12670, 210, 43626, 32007, 28361], [21431, 5502, 10141, 23724])
    answers = [(0, 20827), (1, 17719), (2, 25488), (3, 10692), (68, 42196), (49934, 5220),
               (49997, 13723), (49998, 17296), (49999, 2908)]
    accuracy = settings("SingleStream", "AccuracyOnly", 50000, 1024, 34.5)
    check = check_accuracy_order(accuracy, answers)
    assert check.agrees and {one.library for one in check.variants} == {Library.MSVC}
    answers[0] = (0, 20828)
    assert not check_accuracy_order(accuracy, answers).agrees


def test_libcxx():
    """A TPU, whose LoadGen was built with the library of LLVM.

    closed/Google/results/TPU-v5e-4_SAX/gptj-99/Server
    """
    run = settings("Server", "PerformanceOnly", 13368, 13368, 7.2)
    assert ends(run, Library.LIBCXX) == (
        [8216, 2778, 0, 599, 12654, 2826], [651, 5148, 7813, 13334])
    answers = [(0, 30), (1, 2154), (2, 5683), (3, 9539), (13363, 12492), (13364, 12241),
               (13365, 1676)]
    accuracy = settings("Server", "AccuracyOnly", 13368, 13368, 7.2)
    check = check_accuracy_order(accuracy, answers)
    assert check.agrees and {one.library for one in check.variants} == {Library.LIBCXX}


def test_padding_of_a_mac():
    """v2.1 open/OctoML/results/apple-m1-onnxruntime-cpu/resnet50/multistream/performance/run_1."""
    run = Settings("MultiStream", "PerformanceOnly", 50000, 1024, 8, 6300, 50400, 600000, 600000,
                   1.25, *V21, traits=traits_of((2, 1)))
    (loaded,) = loadable_sets(set_key(run, Library.LIBCXX, 50000))
    assert loaded.size == 1024 + 7
    assert loaded[:4].tolist() == [30475, 48227, 48400, 49138]
    assert loaded[1021:].tolist() == [
        3111, 44666, 45728, 30475, 48227, 48400, 49138, 10209, 36507, 25251]


def test_padding_wraps_over_a_set_smaller_than_the_query():
    """v0.5 closed/Alibaba/results/alibaba_HanGuang/resnet/MultiStream/performance/run_1."""
    run = Settings("MultiStream", "PerformanceOnly", 1600, 1600, 2692, 270336, 727744512, 60000,
                   60000, 20, *V05, traits=traits_of((0, 5)))
    (loaded,) = loadable_sets(set_key(run, Library.LIBSTDCXX_EARLY, 1600))
    assert loaded.size == 1600 + 2691
    assert loaded[:4].tolist() == [257, 183, 1526, 701]
    assert loaded[1597:1604].tolist() == [108, 816, 262, 257, 183, 1526, 701]
    assert loaded[-4:].tolist() == [725, 1424, 1406, 237]
