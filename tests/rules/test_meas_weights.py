"""MEAS021: what resembles an official name of weights, on names as published trees have them."""

import pytest

from submission_checker.rounds.loader import load_round, round_names
from submission_checker.rules.meas_weights import host_of, name_of, resembles

OFFICIAL = [
    ("v5.1", "llama2-70b-99", "Original Huggingface model weights"),
    ("v5.1", "llama2-70b-99", "Original Hugginface model weights"),
    ("v5.1", "llama2-70b-99", "Llama-2-70b-chat-hf"),
    ("v5.1", "llama3.1-8b", "https://huggingface.co/meta-llama/Llama-3.1-8B-Instruct"),
    ("v5.1", "stable-diffusion-xl", "Huggingface model weights hosted by MLCommons"),
    ("v5.1", "stable-diffusion-xl",
     "Hugging Face checkpoint: stabilityai/stable-diffusion-xl-base-1.0"),
    ("v5.1", "dlrm-v2-99", "https://cloud.mlcommons.org/index.php/s/XzfSeLgW8FYfR3S/download"),
    ("v5.1", "dlrm-v2-99", "model_weights"), ("v5.1", "rgat", "RGAT.pt"),
    ("v5.1", "whisper", "https://huggingface.co/openai/whisper-large-v3/tree/main"),
    ("v5.1", "retinanet", "retinanet_model_10.pth"),
    ("v5.1", "retinanet", "resnext50_32x4d_fpn.onnx"),
    ("v5.1", "3d-unet-99", "The original weight filename: https://zenodo.org/record/5597155/files/"
     "3dunet_kits19_pytorch_checkpoint.pth"),
    ("v5.1", "resnet", "https://armi.in/files/resnet50_v1_op11/resnet50_v1.onnx"),
    ("v2.0", "bert-99",
     "https://zenodo.org/record/3733868/files/model.ckpt-5474.data-00000-of-00001"),
    ("v2.0", "bert-99", "bert_large_v1_1_fake_quant.onnx"), ("v2.0", "dlrm-99", "tb00_40M.pt"),
    ("v2.0", "ssd-small", "ssd_mobilenet_v1_coco_2018_01_28/frozen_inference_graph.pb"),
    ("v1.0", "3d-unet-99", "224_224_160_dyanmic_bs.onnx"),
    ("v0.5", "resnet", "onnx-model from zenado"),
    ("v0.5", "ssd-small", "frozen_inference_graph.pb"),
]
OTHER = [
    ("v5.1", "llama3.1-8b", "https://zenodo.org/record/4588417/files/resnet50-19c8e357.pth"),
    ("v4.1", "3d-unet-99", "224_224_160_dyanmic_bs.onnx"),
    ("v2.0", "ssd-small", "https://zenodo.org/record/3228411/files/resnet34-ssd1200.onnx"),
    ("v0.5", "resnet", "https://zenodo.org/record/2269307/files/mobilenet_v1_1.0_224.tgz"),
    ("v0.7", "resnet", "/home/user/Models/resnet50/resnet50_int8.xml"),
    ("v5.1", "llama2-70b-99", "own weights"), ("v5.1", "rgat", "a.b"),
]


@pytest.mark.parametrize(("name", "model", "given"), OFFICIAL)
def test_names_of_official_weights(name, model, given):
    assert any(resembles(given, official) for official in load_round(name).weights[model])


@pytest.mark.parametrize(("name", "model", "given"), OTHER)
def test_names_of_other_weights(name, model, given):
    assert not any(resembles(given, official) for official in load_round(name).weights[model])


def test_parts_of_official_addresses():
    assert name_of("dlrm.s3-us-west-1.amazonaws.com/models/tb00_40M.onnx.tar") == "tb0040m"
    assert name_of("huggingface.co/mistralai/Mixtral-8x7B-Instruct-v0.1") == (
        "mixtral8x7binstructv01")
    assert name_of("zenodo.org/record/3733868") == ""
    assert host_of("zenodo.org/record/3733868") == "zenodo"
    assert host_of("resnet50-v1.5") == host_of("RGAT") == host_of("drawn from a fixed seed") == ""


@pytest.mark.parametrize("name", round_names())
def test_weights_are_those_of_models_with_their_sources(name):
    """A round inherits names; those of models that it has no more are of earlier rounds."""
    known, round_ = set(), load_round(name)
    for other in round_names()[: round_names().index(name) + 1]:
        known |= set(load_round(other).models)
    assert set(round_.weights) - known == set()
    assert [m for m in round_.weights if "@" not in round_.source(f"weights.{m}")
            and round_.detectable] == []
