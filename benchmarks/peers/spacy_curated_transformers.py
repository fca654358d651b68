"""spacy-curated-transformers: spaCy's pipe, with windows as long as the transformer takes that do not overlap.

Its windows after the first have no special tokens of their own, so vectors of long documents differ by design.
"""

from pathlib import Path
from typing import Any

import numpy as np
import spacy
from spacy.tokens import Doc
from typing_extensions import override

from benchmarks.peers.protocol import Documents, Peer, serve

PREFIX = "spacy-curated-transformers"
WINDOW = 512


class SpacyCuratedTransformers(Peer):
    """The pipe "curated_transformer".

    Args:
        options: "model" is the folder, "batch" the windows that run together.
    """

    packages = ("spacy-curated-transformers", "curated-transformers", "spacy", "torch")

    def __init__(self, options: dict[str, Any]) -> None:
        folder = str(Path(options["model"]).absolute())
        self._language = spacy.blank("en")
        pipe = self._language.add_pipe("curated_transformer", config=_config(options["batch"]))
        loaders = spacy.registry.model_loaders
        pipe.model.get_ref("transformer").init = loaders.get(f"{PREFIX}.HFTransformerEncoderLoader.v1")(name=folder)
        pipe.model.get_ref("piece_encoder").init = loaders.get(f"{PREFIX}.HFPieceEncoderLoader.v1")(name=folder)
        self._language.initialize()

    @override
    def embed(self, documents: Documents) -> list[np.ndarray]:
        docs = [Doc(self._language.vocab, words=words) for words in documents]
        return [_averages(doc._.trf_data.last_hidden_layer_state) for doc in self._language.pipe(docs, batch_size=32)]


def _config(batch: int) -> dict[str, Any]:
    spans = {"@architectures": f"{PREFIX}.WithStridedSpans.v1", "stride": WINDOW, "window": WINDOW, "batch_size": batch}
    model = {
        "@architectures": f"{PREFIX}.BertTransformer.v1",
        "piece_encoder": {"@architectures": f"{PREFIX}.BertWordpieceEncoder.v1"},
        "with_spans": spans,
        "vocab_size": 30522,
        "hidden_width": 384,
        "intermediate_width": 1536,
        "num_attention_heads": 12,
        "num_hidden_layers": 6,
    }
    return {"model": model, "all_layer_outputs": False}


def _averages(state: Any) -> np.ndarray:
    lengths = np.asarray(state.lengths)
    starts = np.cumsum([0, *lengths[:-1]])
    return np.add.reduceat(np.asarray(state.dataXd), starts) / lengths[:, None].astype(np.float32)


if __name__ == "__main__":
    serve(SpacyCuratedTransformers)
