"""Accuracy texts as published, in few lines of each file: no rule about them finds an error.

The lines are retyped from public result repositories; the comment names repository and path.
"""

import pytest

from submission_checker.engine.context import Context
from submission_checker.engine.judge import Judge
from submission_checker.logs.accuracy_text import read_accuracy_text
from submission_checker.model.accuracy import AccuracyRun
from submission_checker.model.findings import Location
from submission_checker.rounds.loader import load_round
from submission_checker.rules import accu, accu_text
from tests.compliance.building import result, run, settings, shown

RULES = (accu.accuracy_found, accu.quality_target, accu.upper_limit, accu.hash_line,
         accu_text.text_self_consistent, accu_text.conflicting_values, accu_text.impossible_value)
HASH = "\nhash=" + "0123456789abcdef" * 4 + "\n"

PUBLISHED = [
    # mlcommons/inference_results_v1.1
    # closed/NVIDIA/results/A30-MIG_1x1g.6gb_TRT/rnnt/SingleStream/accuracy/accuracy.txt
    ("v1.1", "rnnt", "SingleStream",
     "Dataset loaded with 4.36 hours. Filtered 1.02 hours. Number of samples: 2513\n"
     "Word Error Rate: 7.436469818936166%, accuracy=92.56353018106384%"),
    # closed/NVIDIA/results/A10x8_TRT/dlrm-99.9/Offline
    ("v1.1", "dlrm-99.9", "Offline",
     "Parsing aggregation trace file...\nCalculating AUC metric...\n"
     "AUC=80.185%, accuracy=96.608%, good=86114148, total=89137319, queries=330067"),
    # closed/Intel/results/1-node-2S-ICX-OpenVINO-INT8/ssd-resnet34/Offline
    ("v1.1", "ssd-large", "Offline",
     " Average Precision  (AP) @[ IoU=0.50:0.95 | area=   all | maxDets=100 ] = 0.199\n"
     "mAP=19.876%"),
    # mlcommons/inference_results_v2.1 closed/NVIDIA/results/Orin_TRT/retinanet/MultiStream
    ("v2.1", "retinanet", "MultiStream",
     " Average Precision  (AP) @[ IoU=0.50:0.95 | area=   all | maxDets=100 ] = 0.375\n"
     "mAP=37.477%"),
    # mlcommons/inference_results_v3.0
    # closed/Intel/results/1-node-2S-SPR-PyTorch-INT8/dlrm-99/Offline
    ("v3.0", "dlrm-99", "Offline", "AUC=80.2267"),
    # closed/NVIDIA/results/DGX-H100_H100-SXM-80GBx8_TRT/bert-99.9/Offline
    ("v3.0", "bert-99.9", "Offline",
     '{"exact_match": 83.89782403027436, "f1": 90.97056894987658}\nReading examples...\n'
     "Writing predictions to: /work/build/logs/predictions.json"),
    # mlcommons/inference_results_v3.1
    # closed/Intel/results/1-node-2S-SPR-PyTorch-INT8/dlrm-v2-99/Offline
    ("v3.1", "dlrm-v2-99", "Offline",
     '{\n    "TestScenario.Offline": {\n        "accuracy": 96.6053188909002,\n'
     '        "good_items": 86029355,\n        "roc_auc": 80.20245433226236,\n'
     '        "total_items": 89052400\n    }\n}\nAUC=80.20245433226236'),
    # closed/Intel/results/1-node-2S-SPR-PyTorch-INT4/gptj-99/Offline
    ("v3.1", "gptj-99", "Offline",
     "INFO:absl:Using default tokenizer.\n\nResults\n\n{'rouge1': 42.8729, 'rouge2': 20.0065, "
     "'rougeL': 29.9079, 'rougeLsum': 40.0481, 'gen_len': 3976837, 'gen_num': 13368}"),
    # mlcommons/inference_results_v4.0
    # closed/NVIDIA/results/H200-SXM-141GBx8_TRT/stable-diffusion-xl/Offline
    ("v4.0", "stable-diffusion-xl", "Offline",
     "Accuracy Results: {'FID_SCORE': 23.263579013864046, 'CLIP_SCORE': 31.80100793391466}"),
    # closed/NVIDIA/results/H200-SXM-141GBx8_TRT/llama2-70b-99.9/Server
    ("v4.0", "llama2-70b-99.9", "Server",
     "\nResults\n\n{'rouge1': 44.4562, 'rouge2': 22.0473, 'rougeL': 28.6592, 'rougeLsum': 42.0358, "
     "'gen_len': 28505233, 'gen_num': 24576, 'gen_tok_len': 7203605, 'tokens_per_sample': 293.1}"),
    # ntuhpc/mlperf_inference_results_v5.0
    # closed/AMD/results/8xMI325x_2xEPYC-9655/stable-diffusion-xl/Offline
    ("v5.0", "stable-diffusion-xl", "Offline",
     "Accuracy Results: {'FID_SCORE': '23.813210898858188', 'CLIP_SCORE': '31.749402277171612'}\n"),
    # closed/ASUSTeK/results/H200-SXM-141GBx8_TRT/llama3_1-405b/Offline
    ("v5.0", "llama3.1-405b", "Offline",
     "\nResults\n\n{'exact_match': 90.06889808074122, 'rougeL': 21.697946695208735, 'gen_len': "
     "22741019, 'gen_num': 8313, 'gen_tok_len': 5360111, 'tokens_per_sample': 644.8}\n"),
    # closed/Lenovo/results/H200-SXM-141GBx8_TRT/rgat/Offline
    ("v5.0", "rgat", "Offline", "accuracy=72.855%, good=574376, total=788379\n"),
    # mlcommons/mlperf_inference_unofficial_submissions_v5.0 open/MLCommons/results
    # /mlc-server-reference-gpu-pytorch_v2.2.2-cu124/pointpainting/singlestream
    ("v5.0", "pointpainting", "SingleStream",
     "{'Pedestrian': [57.70515060053201], 'Cyclist': [48.82824997801548], 'Car': "
     "[56.20896090438172], 'Total': 54.247453827643064}\n"),
    # intel-ai-tce/inference_results_v6.1
    # closed/AMD/results/8xMI350X_2xEPYC_9575F/dlrm-v3/Offline
    ("v6.1", "dlrm-v3", "Offline",
     "==== ACCURACY METRICS ====\nmetric/lifetime_ne/rating: 0.8677294228203597\n"
     "metric/window_ne/rating: 0.7117679268189007\n"
     "metric/lifetime_accuracy/rating: 0.6964170290002015\n"
     "metric/window_accuracy/rating: 0.7666015625\n"
     "metric/lifetime_gauc/rating: 0.7862871466027813\n"
     "metric/lifetime_gauc_num_samples/rating: 349823.0\n"),
    # closed/AMD/results/8xMI350X_2xEPYC_9655/wan-2.2-t2v-a14b/SingleStream
    ("v6.1", "wan-2.2-t2v-a14b", "SingleStream",
     "'vbench_score': 70.1582\n  Overall Average               : 0.7016 (70.16%)\n\n"
     "Threshold: 69.7752%\nPass: Yes\n"),
    # closed/AMD/results/8xMI355X_2xEPYC_9575F/gpt-oss-120b/Offline
    ("v6.1", "gpt-oss-120b", "Offline",
     "Total samples evaluated: 4395\nOverall raw accuracy: 83.16% (3655/4395)\n"
     "FINAL SCORE: 83.71% (1073.95/1283.00)\n\nPrinting for submission_checker:\n\n"
     "'exact_match': 83.706\n"),
    # closed/Intel/results/1-node-4x-BMG-B70/whisper/Offline
    ("v6.1", "whisper", "Offline",
     "Word Error Rate: 2.5423648179335676%, accuracy=97.45763518206644%\n"),
    # closed/Intel/results/1-node-4x-BMG-B70/llama3_1-8b/Server
    ("v6.1", "llama3.1-8b", "Server",
     "Results\n\n{'rouge1': '38.8131', 'rouge2': '16.0827', 'rougeL': '24.6388', 'rougeLsum': "
     "'35.9153', 'gen_len': 8126165, 'gen_num': 13368}\n"),
    # closed/Intel/results/1-node-2S-Xeon_6787P/e2e-rag-db/Offline
    ("v6.1", "e2e-rag-db", "Offline",
     "Accuracy: 98.1952\nRAG-DB Accuracy Report\nTotal files: 2515\nSuccessful: 2515\nFailed: 0\n"
     "MD5 match: PASS\n    - Value: 108711\n  probe_queries_full_match: 44\n"
     "  retrieval_accuracy: 0.9819523809523809\n  retrieval_threshold: 0.95\n"
     "Overall Result: PASS\n"),
    # closed/Intel/results/1-node-2S-Xeon_6787P/e2e-rag-qna/Offline
    ("v6.1", "e2e-rag-qna", "Offline", "Accuracy: 35.9223\n"),
]


def judged(round_name, model, scenario, text, division="closed"):
    path = f"{division}/Acme/results/sys/{model}/{scenario}/accuracy"
    round_ = load_round(round_name)
    found = round_.models[model]
    metrics = found.metrics_by_scenario.get(scenario, found.metrics)
    read = read_accuracy_text(
        text.encode(), f"{path}/accuracy.txt", [(m.name, m.pattern) for m in metrics])
    log = run(path, **settings(scenario, round_name, effective_test_mode="AccuracyOnly"))
    subject = result(model, scenario, division=division, round_name=round_name,
                     accuracy=AccuracyRun(log, read, None, {}))
    here = Context(round_, subject.subject, Location(subject.path), subject)
    return shown(Judge(RULES).result(here))


@pytest.mark.parametrize(("round_name", "model", "scenario", "text"), PUBLISHED,
                         ids=[f"{r}-{m}" for r, m, *_ in PUBLISHED])
def test_published_texts_reach_their_targets(round_name, model, scenario, text):
    assert judged(round_name, model, scenario, text + HASH) == []


def test_a_metric_with_only_an_upper_limit_counts_where_it_stands():
    """The accuracy script of gpt-oss-120b prints no length; a printed one is held to the limit."""
    text = "'exact_match': 83.706, 'tokens_per_sample': {}" + HASH
    assert judged("v6.0", "gpt-oss-120b", "Offline", text.format(10998.9)) == []
    ((level, _, metric, found, _),) = judged(
        "v6.0", "gpt-oss-120b", "Offline", text.format(10999))
    assert (level, metric, found) == (
        "error", "TOKENS_PER_SAMPLE", "TOKENS_PER_SAMPLE 10999")
    ((level, _, _, found, required),) = judged(
        "v6.0", "gpt-oss-120b", "Offline", "'tokens_per_sample': 900" + HASH)
    assert level == "error" and found.startswith('no "exact_match"') and required == "exact_match"


@pytest.mark.parametrize("printed", [
    "accuracy=.%, good=1, total=50000", "accuracy=..%, good=9, total=50000",
    "'gen_num': ., 'gen_tok_len': 5", "'tokens_per_sample': '...'",
])
def test_full_stops_are_no_numbers(printed):
    found = judged("v5.1", "resnet", "Offline", printed + HASH)
    assert [item for item in found if "the rule crashed" in item[3]] == []
