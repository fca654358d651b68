"""A pretrained transformer that several tasks share."""

from typing import Any

from overrides import overrides

from embedders.pretrained_transformer import PretrainedTransformerEmbedder
from foldformer.config import AtLeastOne, ConfigurationError
from foldformer.data import TextFieldTensors
from foldformer.models.multitask import Backbone
from foldformer.nn import get_text_field_mask, get_token_ids_from_text_field_tensors
from foldformer.text import Vocabulary


@Backbone.register("pretrained_transformer")
class PretrainedTransformerBackbone(Backbone):
    """Embed the field `text` with a pretrained transformer."""

    def __init__(
        self,
        vocab: Vocabulary,
        model_name: str,
        *,
        max_length: AtLeastOne | None = None,
        sub_module: str | None = None,
        train_parameters: bool = True,
        last_layer_only: bool = True,
        override_weights_file: str | None = None,
        override_weights_strip_prefix: str | None = None,
        tokenizer_kwargs: dict[str, Any] | None = None,
        transformer_kwargs: dict[str, Any] | None = None,
        output_token_strings: bool = True,
        vocab_namespace: str = "tags",
    ) -> None:
        """Build.

        Args:
            vocab: The vocabulary; in a configuration it comes from outside.
            model_name: Name on the hub, or a folder.
            max_length: Longer texts are folded into segments of so many wordpieces, special tokens included.
            sub_module: Use this part of the transformer.
            train_parameters: Train the transformer.
            last_layer_only: Take the last layer, not a learned mix of all.
            override_weights_file: Weights to load in place of the transformer's own.
            override_weights_strip_prefix: Taken off the names in that file.
            tokenizer_kwargs: Go to the tokenizer.
            transformer_kwargs: Go to the transformer.
            output_token_strings: Give `token_ids`, and `tokens` where a person reads.
            vocab_namespace: Namespace of the wordpieces.
        """
        super().__init__()
        self._vocab = vocab
        self._namespace = vocab_namespace
        self._output_token_strings = output_token_strings
        self._embedder = PretrainedTransformerEmbedder(
            model_name,
            max_length=max_length,
            sub_module=sub_module,
            train_parameters=train_parameters,
            last_layer_only=last_layer_only,
            override_weights_file=override_weights_file,
            override_weights_strip_prefix=override_weights_strip_prefix,
            tokenizer_kwargs=tokenizer_kwargs,
            transformer_kwargs=transformer_kwargs,
        )

    def forward(self, text: TextFieldTensors) -> dict[str, Any]:
        """Embed a text field of one indexer.

        Args:
            text: From a text field.

        Returns:
            `encoded_text` (batch, tokens, dim), `encoded_text_mask` (batch, tokens), and `token_ids` if so wished.

        Raises:
            ConfigurationError: The field has several indexers.
        """
        if len(text) != 1:
            raise ConfigurationError(f"backbone: got a text field with the indexers {', '.join(text)}; expected one")
        encoded = self._embedder(**next(iter(text.values())))
        outputs = {"encoded_text": encoded, "encoded_text_mask": get_text_field_mask(text)}
        if self._output_token_strings:
            outputs["token_ids"] = get_token_ids_from_text_field_tensors(text)
        return outputs

    @overrides
    def make_output_human_readable(self, output_dict: dict[str, Any]) -> dict[str, Any]:
        """Add the wordpieces of each text as `tokens`."""
        if self._output_token_strings:
            wordpieces = self._vocab.get_index_to_token_vocabulary(self._namespace)
            rows = output_dict["token_ids"].tolist()
            output_dict["tokens"] = [[wordpieces.get(index, str(index)) for index in row] for row in rows]
        return output_dict
