"""Edits of the bundled submission that the PRIV rules must find, and edits they must pass."""

from __future__ import annotations

from fixtures.builder import BASE, Tree, measurements, result
from tests.rules.edits import SYSTEM_FILE, TEXT, Edit

README = f"{measurements()}/README.md"
SCRIPT = f"{BASE}/code/digits/demo/run.sh"
TOKEN = "hf_" + "aB3dE5gH7jK9mN1pQ3sT5vW7yZ9bD1fG2h"
KEY = "-----BEGIN RSA PRIVATE " + "KEY-----"


def says(*lines: str, name: str = README) -> Edit:
    return lambda tree: tree.append(name, "\n" + "\n".join(lines) + "\n")


def two_files(tree: Tree) -> Tree:
    says("/home/jdoe/a", "/home/jdoe/b", r"C:\Users\asmith\c")(tree)
    return says("built in /home/jdoe", name=TEXT)(tree)


CASES: dict[str, list[Edit]] = {
    "PRIV001": [two_files, says("cd /Users/jdoe", name=SCRIPT)],
    "PRIV002": [says("ran on gpu-17.lab.corp", "Hostname: rack3-node7"),
                lambda t: t.set_json(SYSTEM_FILE, "hw_notes", "node7.cluster.local")],
    "PRIV003": [says("the host 192.168.4.17 and 172.20.1.9", "nothing", "10.1.2.3")],
    "PRIV004": [says("ask jane.doe@acme.com"),
                lambda t: t.set_json(SYSTEM_FILE, "sw_notes", "jane@acme.co.uk")],
    "PRIV005": [says(f"export HF_TOKEN={TOKEN}", name=SCRIPT), says("x", KEY),
                says("password: Tr0ub4dor3"), says(TOKEN, TOKEN, TOKEN[:-1] + "Z")],
    "PRIV006": [says("eth0 0c:42:a1:7e:00:9b",
                     "GPU-8f3c21aa-0b1c-4d2e-9f3a-1234567890ab", "Serial Number: X123456")],
    "PRIV007": [says("docker pull registry.acme.corp:5000/mlperf", "http://10.1.2.3/x"),
                says("http://files.acme.internal/model", name=TEXT)],
    "PRIV009": [lambda t: t.write(f"{result()}/accuracy/images/1.png", "x").write(
                    f"{BASE}/code/val.tfrecord", "x"),
                lambda t: t.write(f"{BASE}/code/digits/x.npy", bytes(1_000_001))],
}

PASSING: dict[str, Edit] = {
    "PRIV001": says("/home/ubuntu/x /home/mlperf_ci/y /root/z https://acme.com/homes/a"),
    "PRIV002": says("pip install --user ~/.local/bin torch.internal_x hostname: localhost"),
    "PRIV003": says('CUDA 10.1.2.3, driver version 10.2.0.5, "torch": "10.3.2.106", 172.40.1.1'),
    "PRIV004": says("git@github.com:a/b you@example.com https://u@h.com/ image@sha256:00ff"),
    "PRIV005": says("api_key=EMPTY", "password=<password>", "password: your_password",
                    "hf_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", "AKIAIOSFODNN7EXAMPLE",
                    "password=os.environ['P']", "risk-assessment-of-the-whole-thing"),
    "PRIV006": says("00:00:00:00:00:00", "10:04:05", "GPU-accelerated"),
    "PRIV007": says("https://github.com/x http://localhost:8000/v1 http://127.0.0.1/"),
    "PRIV009": lambda t: t.write(f"{BASE}/code/digits/flow.png", "x").write(
        f"{BASE}/code/digits/small.npy", "x").write(
        # intel-ai-tce/inference_results_v6.1 open/HPE/results, resnet50
        f"{result()}/performance/run_1/mlc-deps.png", "x"),
}
