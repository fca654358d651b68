"""The encoder inside Ludwig itself: trained, saved, loaded, asked for predictions, on texts beyond the positions."""

import logging

import numpy as np
import pytest
import torch
from transformers import AutoModel, AutoTokenizer

from foldformer.config import ConfigurationError
from foldformer.embedding import DocumentEmbedder

pytestmark = [pytest.mark.filterwarnings("ignore")]  # Ludwig's own

TEXTS = [
    "a quick fox",
    "the dog never stops, and never did",
    "a river has a bank as well",
    "the lazy dog " * 60,
    "a fox jumps " * 90,
]
LABELS = ["place", "animal", "place", "animal", "animal"]


@pytest.fixture(scope="module")
def ludwig():
    """Import Ludwig with our encoder registered."""
    api = pytest.importorskip("ludwig.api", reason="needs Ludwig (Python 3.12 or newer, extra ludwig)")
    from foldformer.integrations import ludwig as integration

    assert integration.FoldformerEncoderConfig.module_name() == "Foldformer"
    return api


@pytest.fixture
def data(tmp_path):
    """Write a small CSV file, each text several times."""
    rows = [f'"{text}",{label}' for text, label in zip(TEXTS, LABELS, strict=True)] * 6
    (tmp_path / "data.csv").write_text("\n".join(["text,label", *rows]) + "\n")
    return str(tmp_path / "data.csv")


def config(name, **options):
    encoder = {"type": "foldformer", "pretrained_model_name_or_path": name, **options}
    return {
        "input_features": [{"name": "text", "type": "text", "encoder": encoder}],
        "output_features": [{"name": "label", "type": "category"}],
        "trainer": {"epochs": 1, "batch_size": 8},
        "backend": {"type": "local"},
    }


def trained(api, data, folder, name, **encoder):
    model = api.LudwigModel(config(name, **encoder), logging_level=logging.ERROR)
    model.train(dataset=data, output_directory=str(folder), skip_save_processed_input=True)
    return model


def encoder_of(model):
    return model.model.input_features.get("text").encoder_obj


def rows_of(model, data):
    processed = model.preprocess(dataset=data, skip_save_processed_input=True).training_set
    column = next(values for name, values in processed.dataset.items() if name.startswith("text"))
    return torch.as_tensor(np.stack(column)).to(torch.int32)


def test_a_model_trains_saves_loads_and_predicts_the_same(ludwig, data, tiny_model, tmp_path):
    model = trained(
        ludwig, data, tmp_path / "out", tiny_model("bert"), reduce_output="mean", max_length=24, trainable=True
    )
    before, _ = model.predict(dataset=data)
    model.save(str(tmp_path / "saved"))
    after, _ = ludwig.LudwigModel.load(str(tmp_path / "saved"), logging_level=logging.ERROR).predict(dataset=data)
    columns = [name for name in before.columns if "probabilities_" in name]
    assert len(columns) >= 2
    np.testing.assert_allclose(before[columns].to_numpy(float), after[columns].to_numpy(float), atol=1e-6)


def test_vectors_in_ludwig_are_those_of_document_embedder(ludwig, data, tiny_model, tmp_path):
    name = tiny_model("bert")
    model = trained(ludwig, data, tmp_path / "out", name, reduce_output="mean", max_length=24)
    rows = rows_of(model, data)
    assert rows.shape[1] > 96  # Ludwig has not cut the texts at the positions
    with torch.no_grad():
        vectors = encoder_of(model).cpu().eval()(rows)["encoder_output"].numpy()
    documents = DocumentEmbedder(name, max_length=24, level="document", device="cpu")
    lengths = [len(AutoTokenizer.from_pretrained(name)(text).input_ids) for text in TEXTS]
    expected = {length: doc.vectors[0] for length, doc in zip(lengths, documents.embed(TEXTS), strict=True)}
    assert len(expected) == len(TEXTS)
    found = (rows != 0).sum(dim=1).tolist()
    assert set(found) == set(lengths)
    np.testing.assert_allclose(vectors, [expected[length] for length in found], atol=1e-5)


@pytest.mark.parametrize(("reduction", "mode"), [("avg", "avg"), ("max", "max"), ("sum", "sum"), ("last", "last")])
def test_reductions_are_those_of_document_embedder(encoder, tiny_model, reduction, mode):
    name = tiny_model("bert")
    with torch.no_grad():
        vectors = encoder(reduce_output=reduction, max_length=24)(rows_for(name, *TEXTS))["encoder_output"]
    documents = DocumentEmbedder(name, max_length=24, level="document", document_mode=mode, device="cpu")
    expected = np.concatenate([each.vectors for each in documents.embed(TEXTS)])
    np.testing.assert_allclose(vectors, expected, atol=1e-5, rtol=1e-5)


@pytest.fixture
def encoder(ludwig, tiny_model):
    """Make an encoder as Ludwig does."""
    from foldformer.integrations.ludwig import FoldformerEncoder

    def make(**options):
        return FoldformerEncoder(1000, tiny_model("bert"), **options).eval()

    return make


def rows_for(name, *texts, width=1000, side="right"):
    tokenizer = AutoTokenizer.from_pretrained(name, padding_side=side)
    ids = tokenizer(list(texts), padding="max_length", max_length=width, return_tensors="pt").input_ids
    return ids.to(torch.int32)


def test_padding_on_either_side_changes_nothing(encoder, tiny_model):
    made = encoder(reduce_output="cls_pooled")
    name, text = tiny_model("bert"), "a river has a bank"
    with torch.no_grad():
        right, left, alone = (
            made(rows)["encoder_output"]
            for rows in (
                rows_for(name, text),
                rows_for(name, text, side="left"),
                rows_for(name, text, width=len(AutoTokenizer.from_pretrained(name)(text).input_ids)),
            )
        )
        expected = AutoModel.from_pretrained(name)(**AutoTokenizer.from_pretrained(name)(text, return_tensors="pt"))
    for each in (right, left, alone):
        torch.testing.assert_close(each, expected.pooler_output, atol=1e-5, rtol=0)


def test_every_reduction_has_the_shape_it_says_and_another_value(encoder, tiny_model):
    torch.manual_seed(0)
    rows = rows_for(tiny_model("bert"), "a quick fox jumps " * 20, "the dog")
    values = {}
    for name in ("cls_pooled", "mean", "max", "sum", "first", "last", "attention", "concat", None):
        made = encoder(reduce_output=name, max_length=24)
        output = made(rows)["encoder_output"]
        assert output.shape[1:] == made.output_shape
        values[name] = output.flatten()[:32].sum().item()
    assert len(set(values.values())) == len(values) - 2  # "first" begins as "concat" and null do


def test_a_row_that_ludwig_has_cut_still_folds(encoder, tiny_model):
    made = encoder(reduce_output="mean", max_length=24)
    rows = rows_for(tiny_model("bert"), "a quick fox jumps " * 90, width=1400)[:, :1000]
    assert rows[0, -1] not in (0, 3)
    ended = rows.clone()
    ended[0, -1] = 3
    with torch.no_grad():
        torch.testing.assert_close(made(rows)["encoder_output"], made(ended)["encoder_output"])


def test_overlap_and_scalar_mix_reach_the_embedder(encoder, tiny_model):
    rows = rows_for(tiny_model("bert"), "a quick fox jumps " * 20)
    with torch.no_grad():
        plain, shared, mixed, other = (
            encoder(reduce_output="mean", max_length=24, **options)(rows)["encoder_output"]
            for options in (
                {},
                {"overlap": 8},
                {"last_layer_only": False},
                {"overlap": 8, "overlap_mode": "max_context"},
            )
        )
    assert len({tuple(each.flatten().tolist()) for each in (plain, shared, mixed, other)}) == 4


def test_random_weights_take_the_entries_of_a_configuration(encoder):
    made = encoder(use_pretrained=False, reduce_output="mean", hidden_size=16, num_attention_heads=2, trainable=True)
    assert made.output_shape == torch.Size([16])
    assert all(parameter.requires_grad for parameter in made.embedder.parameters())


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"max_lenght": 12}, 'encoder.max_lenght: foldformer has no such parameter; did you mean "max_length"'),
        ({"reduce_output": "meen"}, 'encoder.reduce_output: got "meen".*did you mean "mean"'),
        ({"overlap_mode": "mean"}, 'encoder.overlap_mode: got "mean"; expected'),
        ({"adapter": {"type": "lora"}}, "encoder.adapter: got one"),
        ({"hidden_size": 16}, "encoder.hidden_size: got 16 with pretrained weights"),
    ],
)
def test_bad_options_get_one_line(ludwig, tiny_model, options, message):
    with pytest.raises(ConfigurationError, match=message) as caught:
        ludwig.LudwigModel(config(tiny_model("bert"), **options), logging_level=logging.ERROR)
    assert "\n" not in str(caught.value)
