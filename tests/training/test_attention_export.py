"""Pooling by attention that a classifier has learned, in the folder that is exported of it."""

import numpy as np
import pytest
import torch

from foldformer.config import ConfigurationError, Experiment, check
from foldformer.data import Batch, DatasetReader
from foldformer.embedding import DocumentEmbedder
from foldformer.training import load_archive
from foldformer.training.archives.export import export_transformer

TEXTS = ["a fine film", "the dog loves this and never stops " * 9, "x", "what a joy " * 20]
FILE = "attention_pooler.safetensors"


@pytest.fixture
def trained(config, tmp_path, train):
    def run(**changes):
        config["trainer"].update(num_epochs=1)
        config["dataset_reader"]["token_indexers"]["tokens"]["max_length"] = 12
        config["model"]["text_field_embedder"]["token_embedders"]["tokens"]["max_length"] = 12
        config["model"]["seq2vec_encoder"] = {"type": "attention", "embedding_dim": 32, "attention_dim": 5}
        config["model"].update(changes)
        train(config, tmp_path / "run")
        export_transformer(tmp_path / "run" / "model.tar.gz", tmp_path / "hf")
        return load_archive(tmp_path / "run").model

    return run


def vectors_of(folder, **options):
    options = {"level": "document", "document_mode": "attention", "max_length": 12, **options}
    return np.concatenate([each.vectors for each in DocumentEmbedder(str(folder), **options).embed(TEXTS)])


def test_documents_are_pooled_as_the_classifier_pools_them(trained, config, tmp_path):
    model = trained().eval()
    reader = DatasetReader.from_params(config["dataset_reader"])
    instances = [reader.text_to_instance(text) for text in TEXTS]
    for instance in instances:
        reader.apply_token_indexers(instance)
    batch = Batch(instances)
    batch.index_instances(model.vocab)
    tokens = batch.as_tensor_dict()["tokens"]
    with torch.no_grad():
        expected = model._seq2vec_encoder(model._text_field_embedder(tokens), tokens["tokens"]["mask"])
    found = vectors_of(tmp_path / "hf")
    np.testing.assert_allclose(found, expected, atol=1e-5)
    np.testing.assert_allclose(vectors_of(tmp_path / "hf", batch_tokens=1), found, atol=1e-5)
    shared = vectors_of(tmp_path / "hf", overlap=3)
    np.testing.assert_allclose(vectors_of(tmp_path / "hf", overlap=3, batch_tokens=1), shared, atol=1e-5)
    assert abs(vectors_of(tmp_path / "hf", document_mode="avg", pool_special_tokens=True) - found).max() > 1e-3
    embedders = [
        DocumentEmbedder(str(tmp_path / "hf"), level="document", document_mode=m) for m in ("attention", "avg")
    ]
    assert len({embedder.weights_fingerprint() for embedder in embedders}) == 2


def test_nothing_is_exported_that_pools_anything_else(trained, tmp_path):
    trained(seq2seq_encoder={"type": "gru", "input_size": 32, "hidden_size": 32})
    assert not (tmp_path / "hf" / FILE).exists()
    with pytest.raises(ConfigurationError, match=f'hf" has no {FILE}, so that its weights are not known; expected'):
        vectors_of(tmp_path / "hf")
    block = {"type": "embed", "model_name": str(tmp_path / "hf"), "document_mode": "attention", "layers": "mix"}
    [problem] = check(Experiment, block)
    assert 'got "attention" with layers "mix"; expected layers "last"' in problem.message
