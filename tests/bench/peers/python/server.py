# Rivals in Python, in one long-lived process: opens subjects, answers their outputs and times on request.
# One JSON object per line in and out. Threads come from the environment (OMP_NUM_THREADS).
import json
import os
import sys
import time

import numpy
import torch
from tokenizers import Tokenizer, __version__ as tokenizers_version

from models import Encoder, cdist_core, sdpa_core, training_step

THREADS = int(os.environ["OMP_NUM_THREADS"])
torch.set_num_threads(THREADS)
# subject → (a call, what it answers as a flat list)
subjects = {}
encoders = {}


def open_encoder(name, weights, config, precision):
    model = Encoder.read(weights, config).eval()
    if precision == "int8":
        model = torch.ao.quantization.quantize_dynamic(model, {torch.nn.Linear}, dtype=torch.qint8)
    encoders[name] = model


def place_encoder(name, encoder, ids):
    model, inputs = encoders[encoder], torch.tensor(ids)

    def call():
        with torch.inference_mode():
            return model(inputs)

    subjects[name] = call, lambda: call().flatten().tolist()


def place_training(name, weights, config, ids, labels, rate, decay, norm):
    """The answer is loss and gradient norm of each of the first three steps; timed steps go on from there."""
    model = Encoder.read(weights, config).train()
    step = training_step(model, torch.tensor(ids), torch.tensor(labels), rate, decay, norm)
    subjects[name] = step, lambda: [value for _ in range(3) for value in step()]


def place_core(name, kind, file, shape, scalars):
    """q, k and v are (B, h, N, d), one after the other in the file; the answer is (B, N, h·d)."""
    values = torch.from_numpy(numpy.fromfile(file, dtype=numpy.float32)).reshape(3, *shape)
    q, k, v = (part.contiguous() for part in values)
    core = sdpa_core if kind == "dot" else lambda q, k, v: cdist_core(q, k, v, **scalars)

    def call():
        with torch.inference_mode():
            return core(q, k, v)

    subjects[name] = call, lambda: call().transpose(1, 2).flatten().tolist()


def place_tokenizer(name, file, texts, length):
    tokenizer = Tokenizer.from_file(file)
    tokenizer.no_padding()
    tokenizer.enable_truncation(length)

    def call():
        return tokenizer.encode_batch_fast(texts)  # without offsets: the ids are what is asked for

    subjects[name] = call, lambda: [id for encoded in call() for id in encoded.ids]


def output(name):
    return subjects[name][1]()


def measure(name, calls):
    call = subjects[name][0]
    cpu, start = time.process_time(), time.perf_counter()
    for _ in range(calls):
        call()
    seconds, cpu_seconds = time.perf_counter() - start, time.process_time() - cpu
    return {"cost": seconds / calls, "cpuSeconds": cpu_seconds / calls}


def drop(name):
    subjects.pop(name, None)


def versions():
    return {"torch": torch.__version__, "tokenizers": tokenizers_version,
            "threads": torch.get_num_threads(), "quantized": torch.backends.quantized.engine}


handlers = {handler.__name__: handler for handler in
            [open_encoder, place_encoder, place_training, place_core, place_tokenizer,
             output, measure, drop, versions]}
for line in sys.stdin:
    request = json.loads(line)
    try:
        answer = {"answer": handlers[request.pop("op")](**request)}
    except Exception as error:  # told to the benchmark, which stops and says so
        answer = {"error": f"{type(error).__name__}: {error}"}
    print(json.dumps(answer), flush=True)
