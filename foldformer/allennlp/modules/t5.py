"""T5 as AllenNLP's projects call it, on the T5 of transformers."""

from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from transformers import T5Config, T5ForConditionalGeneration

from foldformer.config import AtLeastOne, ConfigurationError, Registrable

IntT = FloatT = BoolT = Tensor


class T5Output(NamedTuple):
    """What `T5` gives."""

    encoder_last_hidden_state: Tensor
    """(batch, positions, dim)"""
    encoder_all_hidden_states: list[Tensor] | None = None
    decoder_last_hidden_state: Tensor | None = None
    """Only with labels. (batch, target positions, dim)"""
    decoder_all_hidden_states: list[Tensor] | None = None
    encoder_attentions: list[Tensor] | None = None
    decoder_attentions: list[Tensor] | None = None
    cross_attentions: list[Tensor] | None = None
    loss: Tensor | None = None
    """Only with labels; a scalar."""
    logits: Tensor | None = None
    """Only with labels. (batch, target positions, vocabulary)"""
    predictions: Tensor | None = None
    """Not in training; without the token that starts a sequence. (batch, beams, predicted positions)"""
    predicted_log_probs: Tensor | None = None
    """Not in training; of each whole prediction. (batch, beams)"""


class T5(nn.Module, Registrable):
    """Encode a text, score a target, and outside of training predict one by beam search.

    Args:
        model: The model as transformers has it.
        beam_size: Predictions that are followed, and given.
        max_steps: The longest prediction, in tokens.
        output_attentions: Give attentions too.
        output_all_hidden_states: Give the vectors of all layers too.
    """

    default_implementation = "from_pretrained"

    def __init__(
        self,
        model: T5ForConditionalGeneration,
        beam_size: int = 3,
        max_steps: int = 100,
        output_attentions: bool = False,
        output_all_hidden_states: bool = False,
    ) -> None:
        super().__init__()
        self.model = model
        self.beam_size = beam_size
        self.max_steps = max_steps
        self._extras = {"output_attentions": output_attentions, "output_hidden_states": output_all_hidden_states}
        config: Any = model.config
        generation: Any = model.generation_config
        starts = (getattr(config, "decoder_start_token_id", None), generation.decoder_start_token_id)
        self.decoder_start_token_id = int(next((each for each in starts if each is not None), config.pad_token_id))
        self.pad_token_id = int(config.pad_token_id)
        self.eos_token_id = int(config.eos_token_id)

    @classmethod
    def from_pretrained_module(
        cls,
        pretrained_model_name: str,
        load_weights: bool = True,
        beam_size: AtLeastOne = 3,
        max_steps: AtLeastOne = 100,
        output_attentions: bool = False,
        output_all_hidden_states: bool = False,
    ) -> "T5":
        """Load a T5.

        Args:
            pretrained_model_name: Name on the hub, or a folder.
            load_weights: False gives random weights.
            beam_size: Predictions that are followed, and given.
            max_steps: The longest prediction, in tokens.
            output_attentions: Give attentions too.
            output_all_hidden_states: Give the vectors of all layers too.

        Raises:
            ConfigurationError: There is no T5 of that name.
        """
        try:
            if load_weights:
                model = T5ForConditionalGeneration.from_pretrained(pretrained_model_name)
            else:
                model = T5ForConditionalGeneration(T5Config.from_pretrained(pretrained_model_name))
        except OSError as error:
            reason = str(error).partition("\n")[0]
            raise ConfigurationError(
                f'model_name: got "{pretrained_model_name}", no T5 that can be loaded: {reason}'
            ) from error
        return cls(model, beam_size, max_steps, output_attentions, output_all_hidden_states)

    def forward(
        self,
        input_ids: Tensor,
        attention_mask: Tensor | None = None,
        labels: Tensor | None = None,
        decoder_attention_mask: Tensor | None = None,
    ) -> T5Output:
        """Encode, and score or predict.

        Args:
            input_ids: Ids of the text. (batch, positions)
            attention_mask: True where real; None: where the id is not that of padding. (batch, positions)
            labels: Ids of the target, -100 where none is scored. (batch, target positions)
            decoder_attention_mask: True where the target is real; None: where the id is not that of padding.

        Raises:
            ValueError: There are no labels in training.
        """
        if labels is None and self.training:
            raise ValueError("T5: got no labels; expected them in training")
        mask = (input_ids != self.pad_token_id) if attention_mask is None else attention_mask.bool()
        encoded: Any = self.model.get_encoder()(input_ids, attention_mask=mask, **self._extras)
        answer: dict[str, Any] = {}
        if labels is not None:
            answer = self._score(encoded, mask, labels, decoder_attention_mask)
        if not self.training:
            answer["predictions"], answer["predicted_log_probs"] = self._predict(input_ids, mask)
        return T5Output(
            encoded.last_hidden_state,
            _listed(encoded.hidden_states),
            encoder_attentions=_listed(encoded.attentions),
            **answer,
        )

    def _score(self, encoded: Any, mask: Tensor, labels: Tensor, target_mask: Tensor | None) -> dict[str, Any]:
        is_real = (labels != self.pad_token_id) if target_mask is None else target_mask.bool()
        scored: Any = self.model(
            encoder_outputs=encoded,
            attention_mask=mask,
            labels=labels,
            decoder_attention_mask=is_real,
            output_attentions=self._extras["output_attentions"],
            output_hidden_states=True,
        )
        states = list(scored.decoder_hidden_states)
        return {
            "decoder_last_hidden_state": states[-1],
            "decoder_all_hidden_states": states if self._extras["output_hidden_states"] else None,
            "decoder_attentions": _listed(scored.decoder_attentions),
            "cross_attentions": _listed(scored.cross_attentions),
            "loss": scored.loss,
            "logits": scored.logits,
        }

    @torch.no_grad()
    def _predict(self, input_ids: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        found: Any = self.model.generate(
            input_ids,
            attention_mask=mask,
            num_beams=self.beam_size,
            num_return_sequences=self.beam_size,
            max_new_tokens=self.max_steps,
            length_penalty=0.0,  # so that scores are log probabilities of whole sequences
            do_sample=False,
            decoder_start_token_id=self.decoder_start_token_id,
            return_dict_in_generate=True,
            output_scores=True,
        )
        scores = found.sequences_scores if self.beam_size > 1 else self._greedy_scores(found)
        beams = (len(input_ids), self.beam_size)
        return found.sequences[:, 1:].view(*beams, -1), scores.view(*beams)

    def _greedy_scores(self, found: Any) -> Tensor:
        """Log probabilities of the sequences that a search with one beam found."""
        steps = torch.stack(found.scores, dim=1).log_softmax(dim=-1)  # (batch, positions, vocabulary)
        chosen = found.sequences[:, 1:]
        is_real = ((chosen == self.eos_token_id).cumsum(dim=1) - (chosen == self.eos_token_id).long()) == 0
        each = steps.gather(-1, chosen.unsqueeze(-1)).squeeze(-1)
        total: Tensor = (each * is_real).sum(dim=1)
        return total


T5.register("from_pretrained", constructor="from_pretrained_module")(T5)


def _listed(tensors: Any) -> list[Tensor] | None:
    return None if tensors is None else list(tensors)
