"""The verbs of sentences and their arguments."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from overrides import overrides

from foldformer.config.optional import import_optional
from foldformer.data import Instance
from foldformer.text import Token
from foldformer.training.predictors.as_json import as_json
from foldformer.training.predictors.parts_of_speech import PartsOfSpeechPredictor
from foldformer.training.predictors.predictor import JsonDict, Predictor


@Predictor.register("semantic_role_labeling")
class SemanticRoleLabelerPredictor(PartsOfSpeechPredictor):
    """Takes `{"sentence": "..."}`, or `{"words": [...], "pos": [...]}`, and gives `words` and `verbs`.

    Each verb has its `verb`, its `tags`, one a word, and a `description` with brackets around its arguments. Words are
    verbs where their part of speech is VERB, or in English AUX.

    Args:
        model: The model.
        dataset_reader: Its `text_to_instance` takes words, and 1 at the verb.
        language: A pipeline of spaCy, which finds words and parts of speech; loaded when a sentence comes.
    """

    def predict_tokenized(self, tokenized_sentence: list[str]) -> JsonDict:
        """Predict for one sentence of words, of which spaCy finds the parts of speech."""
        pipeline = self._tokenizer.spacy
        document = pipeline(
            import_optional("spacy.tokens", extra="spacy").Doc(pipeline.vocab, words=tokenized_sentence)
        )
        return self._predict([[Token(word.text, pos_=word.pos_) for word in document]])[0]

    @overrides
    def predict_batch_json(self, inputs: Sequence[JsonDict]) -> list[JsonDict]:
        """Predict for several sentences; a batch of the model has as many verbs as there are sentences."""
        return self._predict([self._tokens(each) for each in inputs])

    def tokens_to_instances(self, tokens: Sequence[Token]) -> list[Instance]:
        """Make an instance of each verb of a sentence.

        Args:
            tokens: Its words, with `pos_`.
        """
        is_english = Path(self._language).name.startswith("en_")
        verbs = [
            place for place, word in enumerate(tokens) if word.pos_ == "VERB" or (is_english and word.pos_ == "AUX")
        ]
        return [self._to_instance(tokens, [int(place == verb) for place in range(len(tokens))]) for verb in verbs]

    def predict_instances(self, instances: Sequence[Instance]) -> JsonDict:
        """Predict for the verbs of one sentence."""
        outputs = self.predict_batch_instance(instances)
        return {"verbs": [_frame(each) for each in outputs], "words": outputs[0]["words"]}

    @staticmethod
    def make_srl_string(words: Sequence[str], tags: Sequence[str]) -> str:
        """Write a sentence with its arguments in brackets: `[ARG0: The fox] [V: runs] away`."""
        pieces: list[str] = []
        for word, before, tag in zip(words, ["O", *tags[:-1]], tags, strict=True):
            if tag.startswith("B-"):
                pieces.append(f"[{tag[2:]}: {word}]")
            elif tag.startswith("I-") and before != "O":
                pieces[-1] = f"{pieces[-1][:-1]} {word}]"
            else:
                pieces.append(f"[{word}]" if tag.startswith("I-") else word)
        return " ".join(pieces)

    def _predict(self, sentences: Sequence[Sequence[Token]]) -> list[JsonDict]:
        of_sentences = [self.tokens_to_instances(tokens) for tokens in sentences]
        outputs = self._in_batches([verb for verbs in of_sentences for verb in verbs], len(sentences))
        found = []
        for tokens, verbs in zip(sentences, of_sentences, strict=True):
            frames = [_frame(next(outputs)) for _ in verbs]
            found.append({"verbs": frames, "words": as_json([token.text for token in tokens])})
        return found

    def _in_batches(self, instances: Sequence[Instance], size: int) -> Iterator[JsonDict]:
        for begin in range(0, len(instances), max(size, 1)):
            yield from self.predict_batch_instance(instances[begin : begin + size])


def _frame(output: JsonDict) -> dict[str, Any]:
    description = SemanticRoleLabelerPredictor.make_srl_string(output["words"], output["tags"])
    return {"verb": output["verb"], "description": description, "tags": output["tags"]}
