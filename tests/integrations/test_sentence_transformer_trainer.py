"""The module trained by the genuine `SentenceTransformerTrainer`, through its folds."""

import datasets
import numpy as np
import pytest
from sentence_transformers import SentenceTransformer, SentenceTransformerTrainer, SentenceTransformerTrainingArguments
from sentence_transformers.sentence_transformer.evaluation import EmbeddingSimilarityEvaluator
from sentence_transformers.sentence_transformer.losses import CosineSimilarityLoss
from sentence_transformers.sentence_transformer.modules import Normalize, Pooling

from foldformer.embedding import DocumentEmbedder
from foldformer.integrations.sentence_transformers import FoldformerModule

LONG = "the bank lends money to the quick brown fox " * 9
PAIRS = {
    "anchor": [LONG, "a river", "the lazy dog", "in the beginning"],
    "other": ["money", LONG.replace("bank", "river"), "a dog", "the word"],
    "score": [1.0, 0.1, 0.9, 0.0],
}


@pytest.fixture
def model(tiny_bert_folder):
    module = FoldformerModule(tiny_bert_folder, max_length=20, pool_special_tokens=False)
    return SentenceTransformer(modules=[module, Pooling(32), Normalize()], device="cpu")


@pytest.mark.filterwarnings("ignore:.*pin_memory.*:UserWarning")
def test_it_trains_evaluates_saves_and_loads(model, tmp_path, monkeypatch):
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "cache")
    loss = CosineSimilarityLoss(model)
    data = datasets.Dataset.from_dict(PAIRS)
    arguments = SentenceTransformerTrainingArguments(
        str(tmp_path / "run"),
        max_steps=12,
        per_device_train_batch_size=4,
        learning_rate=1e-3,
        save_steps=12,
        logging_steps=1,
        disable_tqdm=True,
        report_to="none",
        use_cpu=True,
        seed=0,
    )
    evaluator = EmbeddingSimilarityEvaluator(*PAIRS.values())
    before = model.encode(PAIRS["anchor"])
    trainer = SentenceTransformerTrainer(model, arguments, data, eval_dataset=data, loss=loss, evaluator=evaluator)
    trainer.train()
    losses = [entry["loss"] for entry in trainer.state.log_history if "loss" in entry]
    assert losses[-1] < 0.5 * losses[0]
    assert trainer.evaluate()["eval_loss"] < losses[0]
    trained = model.encode(PAIRS["anchor"])
    assert abs(trained - before).max() > 1e-2
    model.save_pretrained(str(tmp_path / "saved"))
    for folder in (tmp_path / "saved", tmp_path / "run" / "checkpoint-12"):
        again = SentenceTransformer(str(folder), device="cpu", trust_remote_code=True)
        np.testing.assert_allclose(again.encode(PAIRS["anchor"]), trained, atol=1e-6)
    embedder = DocumentEmbedder(str(tmp_path / "saved"), level="document", document_mode="model")
    found = np.concatenate([document.vectors for document in embedder.embed(PAIRS["anchor"])])
    np.testing.assert_allclose(found, trained, atol=1e-5)
