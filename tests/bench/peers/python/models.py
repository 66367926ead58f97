# The same DistilBERT in PyTorch, as fast as eager PyTorch has it: joined projections, SDPA, fused AdamW,
# and after the last attention the first token alone, as all contenders do.
import json
import math
import struct

import numpy
import torch
from torch import nn
from torch.nn import functional as F


def sdpa_core(q, k, v):
    """q, k, v, context (B, h, N, d)."""
    return F.scaled_dot_product_attention(q, k, v)


def cdist_core(q, k, v, alpha, beta, gamma):
    """Inhibitor as the thesis computes it: torch.cdist three times, by equation (8) of arXiv 2310.02041."""
    z = torch.cdist(q, k, p=1) * (gamma / math.sqrt(q.shape[-1]))
    z = F.relu(z - z.mean(-1, keepdim=True) + alpha)
    # Σ_j abs(V⁺_jk − Z_ij) is a Manhattan distance between rows of Z and columns of V.
    above = torch.cdist(z, v.clamp(min=0).transpose(-1, -2).contiguous(), p=1)
    below = torch.cdist(z, -v.clamp(max=0).transpose(-1, -2).contiguous(), p=1)
    return (v.sum(-2, keepdim=True) + above - below) * (beta / (2 * k.shape[-2]))


class Layer(nn.Module):
    def __init__(self, config):
        super().__init__()
        hidden, intermediate = config["hidden"], config["intermediate"]
        self.heads = config["heads"]
        self.qkv = nn.Linear(hidden, 3 * hidden)
        self.out = nn.Linear(hidden, hidden)
        self.norm1 = nn.LayerNorm(hidden, eps=1e-12)
        self.up = nn.Linear(hidden, intermediate)
        self.down = nn.Linear(intermediate, hidden)
        self.norm2 = nn.LayerNorm(hidden, eps=1e-12)
        self.core = sdpa_core

    def forward(self, x, first_only):
        batch, tokens, hidden = x.shape
        split = self.qkv(x).view(batch, tokens, 3, self.heads, hidden // self.heads)
        context = self.core(*split.permute(2, 0, 3, 1, 4))
        context = context.transpose(1, 2).reshape(batch, tokens, hidden)
        if first_only:
            context, x = context[:, 0], x[:, 0]
        middle = self.norm1(x + self.out(context))
        return self.norm2(middle + self.down(F.gelu(self.up(middle))))


class Encoder(nn.Module):
    def __init__(self, config):
        super().__init__()
        hidden = config["hidden"]
        self.word = nn.Embedding(config["vocabulary"], hidden)
        self.position = nn.Embedding(config["positions"], hidden)
        self.norm = nn.LayerNorm(hidden, eps=1e-12)
        self.layers = nn.ModuleList(Layer(config) for _ in range(config["layers"]))
        self.pooler = nn.Linear(hidden, hidden)
        self.head = nn.Linear(hidden, config["labels"])

    def forward(self, ids):
        x = self.norm(self.word(ids) + self.position.weight[: ids.shape[1]])
        for index, layer in enumerate(self.layers):
            x = layer(x, first_only=index == len(self.layers) - 1)
        return self.head(F.relu(self.pooler(x)))

    @staticmethod
    def read(file, config):
        """The weights of a DistilBERT as Python transformers names them, from safetensors."""
        stored = read_safetensors(file)

        def get(name, part):
            return stored[f"{name}.{part}"]

        pairs = {"norm": "distilbert.embeddings.LayerNorm", "pooler": "pre_classifier", "head": "classifier"}
        state = {"word.weight": get("distilbert.embeddings.word_embeddings", "weight"),
                 "position.weight": get("distilbert.embeddings.position_embeddings", "weight")}
        names = {"out": "attention.out_lin", "norm1": "sa_layer_norm", "up": "ffn.lin1", "down": "ffn.lin2",
                 "norm2": "output_layer_norm"}
        for index in range(config["layers"]):
            prefix = f"distilbert.transformer.layer.{index}"
            pairs.update({f"layers.{index}.{ours}": f"{prefix}.{theirs}" for ours, theirs in names.items()})
            for part in ("weight", "bias"):
                projections = [get(f"{prefix}.attention.{name}_lin", part) for name in "qkv"]
                state[f"layers.{index}.qkv.{part}"] = torch.cat(projections)
        for ours, theirs in pairs.items():
            state.update({f"{ours}.{part}": get(theirs, part) for part in ("weight", "bias")})
        model = Encoder(config)
        model.load_state_dict(state)
        if config["scalars"]:
            for layer in model.layers:
                layer.core = lambda q, k, v: cdist_core(q, k, v, **config["scalars"])
        return model


def training_step(model, ids, labels, rate, decay, norm):
    """A function that does one step and gives the loss before it and the norm of its gradients."""
    decays = [p for p in model.parameters() if p.dim() > 1]
    others = [p for p in model.parameters() if p.dim() == 1]
    groups = [{"params": decays, "weight_decay": decay}, {"params": others, "weight_decay": 0.0}]
    optimiser = torch.optim.AdamW(groups, lr=rate, fused=True)

    def step():
        optimiser.zero_grad(set_to_none=True)
        loss = F.cross_entropy(model(ids), labels)
        loss.backward()
        total = torch.nn.utils.clip_grad_norm_(model.parameters(), norm)
        optimiser.step()
        return loss.item(), total.item()

    return step


def read_safetensors(file):
    data = numpy.fromfile(file, dtype=numpy.uint8)
    size = struct.unpack("<Q", data[:8].tobytes())[0]
    header = json.loads(data[8 : 8 + size].tobytes())
    header.pop("__metadata__", None)
    tensors = {}
    for name, entry in header.items():
        begin, end = (8 + size + offset for offset in entry["data_offsets"])
        values = numpy.frombuffer(data[begin:end].tobytes(), dtype=numpy.float32).reshape(entry["shape"])
        tensors[name] = torch.from_numpy(values.copy())
    return tensors
