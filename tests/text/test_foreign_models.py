"""Folders that other people made: code of their own, adapters, gaps among ids, vocabularies without our letters."""

import json
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from peft import LoraConfig, get_peft_model
from tokenizers import Tokenizer, models, pre_tokenizers, processors
from transformers import AutoModel, AutoTokenizer, PreTrainedTokenizerFast

from embedders import PretrainedTransformerEmbedder
from foldformer.config import ConfigurationError
from foldformer.text import PretrainedTransformerTokenizer, find_special_tokens
from foldformer.text.pretrained import load_config, load_tokenizer, load_transformer
from foldformer.text.wordpieces import encode_texts

TinyModel = Callable[[str], str]


def word_tokenizer(vocabulary: dict[str, int]) -> PreTrainedTokenizerFast:
    backend = Tokenizer(models.WordLevel({"[PAD]": 0, "[UNK]": 1, "[CLS]": 2, "[SEP]": 3, **vocabulary}, "[UNK]"))
    backend.pre_tokenizer = pre_tokenizers.Whitespace()
    backend.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    names = {"pad_token": "[PAD]", "unk_token": "[UNK]", "cls_token": "[CLS]", "sep_token": "[SEP]"}
    return PreTrainedTokenizerFast(tokenizer_object=backend, **names)


@pytest.mark.parametrize("load", [load_tokenizer, load_config, load_transformer])
def test_code_in_a_folder_does_not_run(
    load: Callable[[str], object], tiny_model: TinyModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    AutoModel.from_pretrained(tiny_model("bert")).save_pretrained(tmp_path)
    code = f"open({str(tmp_path / 'ran')!r}, 'w')\nclass Mine: pass\n"
    (tmp_path / "mine.py").write_text(code)
    config = json.loads((tmp_path / "config.json").read_text())
    auto_map = {"AutoConfig": "mine.Mine", "AutoModel": "mine.Mine", "AutoTokenizer": ["mine.Mine", None]}
    (tmp_path / "config.json").write_text(json.dumps({**config, "model_type": "mine", "auto_map": auto_map}))
    (tmp_path / "tokenizer_config.json").write_text(json.dumps({"auto_map": auto_map}))
    monkeypatch.setattr("builtins.input", lambda *_: pytest.fail("asked"))
    with pytest.raises(ConfigurationError, match="trust_remote_code: true in tokenizer_kwargs and transformer_kwargs"):
        load(str(tmp_path))
    assert not (tmp_path / "ran").exists()


# peft 0.19 asks transformers 5.23 by the old name
@pytest.mark.filterwarnings("ignore:`is_gradient_checkpointing` is deprecated:FutureWarning")
def test_adapter_is_added_to_its_base(tiny_model: TinyModel, tmp_path: Path) -> None:
    base = AutoModel.from_pretrained(tiny_model("bert")).eval()
    adapted = get_peft_model(base, LoraConfig(r=4, target_modules=["query"], init_lora_weights=False)).eval()
    adapted.peft_config["default"].base_model_name_or_path = tiny_model("bert")
    adapted.save_pretrained(str(tmp_path))
    ids = torch.tensor([[2, 7, 9, 3]])
    expected = adapted(input_ids=ids).last_hidden_state
    embedder = PretrainedTransformerEmbedder(str(tmp_path)).eval()
    got = embedder(ids, torch.ones_like(ids, dtype=torch.bool))
    torch.testing.assert_close(got, expected, atol=1e-5, rtol=1e-5)
    plain = PretrainedTransformerEmbedder(tiny_model("bert")).eval()
    assert not torch.allclose(plain(ids, torch.ones_like(ids, dtype=torch.bool)), expected, atol=1e-3)


def test_adapter_without_peft_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "adapter_config.json").write_text('{"base_model_name_or_path": "base"}')
    monkeypatch.setitem(__import__("sys").modules, "peft", None)
    with pytest.raises(ConfigurationError, match=r"the adapter of base.*pip install 'foldformer\[peft\]', or merge"):
        load_transformer(str(tmp_path))


def test_special_tokens_are_found_in_any_vocabulary() -> None:
    special = find_special_tokens(word_tokenizer({"ⲁ": 4, "ⲃ": 5, "ⲇ": 6}))
    assert [token.text for token in (*special.single_start, *special.single_end)] == ["[CLS]", "[SEP]"]
    assert special.pair_second_type_id == 1


def test_other_threads_that_truncate_cut_nothing_here(tiny_model: TinyModel) -> None:
    shared = load_tokenizer(tiny_model("bert"))
    own, text = PretrainedTransformerTokenizer(tiny_model("bert"), max_length=4), "the lazy dog jumps " * 30
    expected, stop = (
        len(AutoTokenizer.from_pretrained(tiny_model("bert"))(text, add_special_tokens=False).input_ids),
        [],
    )

    def truncate() -> None:
        while not stop:
            shared(text, truncation=True, max_length=5)
            own.tokenize(text)

    thread = threading.Thread(target=truncate)
    thread.start()
    try:
        whole = PretrainedTransformerTokenizer(tiny_model("bert"), add_special_tokens=False)
        for _ in range(200):
            (encoded,) = encode_texts(shared, [text])
            assert len(encoded.ids) == expected
            assert len(whole.tokenize(text)) == expected
    finally:
        stop.append(True)
        thread.join()
