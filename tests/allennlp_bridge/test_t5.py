"""T5 as AllenNLP's projects call it, against the T5 of transformers."""

import subprocess
import sys

CODE = """
import torch
import foldformer.allennlp
from transformers import T5ForConditionalGeneration
from allennlp.modules.transformer.t5 import T5, T5Output, IntT, BoolT
from foldformer.config import ConfigurationError

NAME = "t5"  # a folder
theirs = T5ForConditionalGeneration.from_pretrained({name!r}).eval()
theirs.config.decoder_start_token_id = theirs.generation_config.decoder_start_token_id = 0
theirs.config.eos_token_id = theirs.generation_config.eos_token_id = 2
theirs.save_pretrained(NAME)
ours = T5.from_pretrained_module(NAME, beam_size=3, max_steps=6).eval()
ids = torch.tensor([[5, 6, 7, 2], [8, 9, 2, 0]])
mask, labels = ids != 0, torch.tensor([[9, 8, 2], [7, 2, -100]])
output = ours(ids, mask, labels, labels > 0)
expected = theirs(input_ids=ids, attention_mask=mask, labels=labels, decoder_attention_mask=labels > 0)
assert isinstance(output, T5Output)
torch.testing.assert_close(output.loss, expected.loss)
torch.testing.assert_close(output.logits, expected.logits)
torch.testing.assert_close(ours(ids).encoder_last_hidden_state, expected.encoder_last_hidden_state)


def log_probability(row, prediction):
    tokens = prediction.tolist()
    kept = tokens[: tokens.index(2) + 1] if 2 in tokens else tokens
    logits = theirs(input_ids=ids[row][None], attention_mask=mask[row][None], labels=torch.tensor([kept])).logits
    return logits.log_softmax(-1)[0, range(len(kept)), kept].sum()


def check(model):
    found = model(ids, mask)
    for row in range(2):
        for prediction, score in zip(found.predictions[row], found.predicted_log_probs[row]):
            torch.testing.assert_close(score, log_probability(row, prediction), rtol=1e-4, atol=1e-4)
    return found


found = check(ours)
assert found.predictions.shape[:2] == (2, 3)
assert (found.predicted_log_probs[:, 0] >= found.predicted_log_probs[:, 1]).all()
check(T5.from_pretrained_module(NAME, beam_size=1, max_steps=6).eval())
wide = T5.from_pretrained_module(NAME, max_steps=2, output_all_hidden_states=True, output_attentions=True).eval()
assert len(wide(ids, mask, labels).decoder_all_hidden_states) == theirs.config.num_decoder_layers + 1
ours.train()
assert ours(ids, labels=labels).predictions is None
for call, error, message in (
    (lambda: ours(ids), ValueError, "got no labels"),
    (lambda: T5.from_pretrained_module("/nowhere"), ConfigurationError, "no T5 that can be loaded"),
):
    try:
        call()
    except error as found:
        assert message in str(found), found
    else:
        raise AssertionError(message)
"""


def test_scores_and_predictions_are_those_of_transformers(tiny_model, tmp_path):
    code = CODE.replace("{name!r}", repr(tiny_model("t5")))
    finished = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=tmp_path)
    assert finished.returncode == 0, finished.stderr
