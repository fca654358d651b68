"""Run by a test: score one of two batches in one of two processes, `score_half.py RANK FOLDER`."""

import json
import sys
from pathlib import Path

import torch
from torch import distributed

from foldformer.models.metrics import CategoricalAccuracy, FBetaMeasure, SpanBasedF1Measure
from foldformer.text import Vocabulary

rank, folder = int(sys.argv[1]), Path(sys.argv[2])
distributed.init_process_group("gloo", init_method=f"file://{folder}/meet", rank=rank, world_size=2)
vocabulary = Vocabulary(tokens_to_add={"tags": ["O", "B-PER", "I-PER", "B-LOC", "I-LOC"]})
metrics = [CategoricalAccuracy(), SpanBasedF1Measure(vocabulary), FBetaMeasure(average="macro")]
scores = torch.tensor([[[0.0, 1, 0, 0, 0]] * 3, [[0.0, 0, 0, 1, 0]] * 3])
gold = torch.tensor([[1, 1, 0], [3, 0, 3]])
for metric in metrics:
    metric(scores[rank : rank + 1], gold[rank : rank + 1])
(folder / f"{rank}.json").write_text(json.dumps([metric.get_metric() for metric in metrics]))
distributed.destroy_process_group()
