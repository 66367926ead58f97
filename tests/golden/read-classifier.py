# Reads a saved classifier with Python transformers and prints the logits of token ids given as JSON on stdin.
import json
import sys

import torch
from transformers import AutoModelForSequenceClassification

model, info = AutoModelForSequenceClassification.from_pretrained(
    sys.argv[1], output_loading_info=True, attn_implementation="eager"
)
model.eval()
rows = json.load(sys.stdin)
with torch.no_grad():
    logits = [model(input_ids=torch.tensor([row])).logits[0].tolist() for row in rows]
missing = sorted(info["missing_keys"]) + sorted(info["unexpected_keys"])
json.dump({"logits": logits, "labels": model.config.id2label, "mismatched": missing}, sys.stdout)
