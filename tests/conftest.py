"""What every test may use: the folder of real data, and tiny models made from a configuration."""

import os
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")

import pytest
import torch
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from transformers import AutoConfig, AutoModel, PreTrainedTokenizerFast

PROJECT = Path(__file__).parents[1]
SHARED = PROJECT.parent / "shared"

CORPUS = [
    "The quick brown fox jumps over the lazy dog and never stops.",
    "In the beginning was the word, and the word was cut into wordpieces.",
    "A bank may lend money; a river has a bank as well.",
    "Unfolded documents are stitched from overlapping-free segments.",
    "Él comió piñas, größer und schöner, 北京 and 🙂.",
    "0123456789 !\"#$%&'()*+,-./:;<=>?@[]^_`{|}~",
    "abcdefghijklmnopqrstuvwxyz ABCDEFGHIJKLMNOPQRSTUVWXYZ",
]

# family -> kind of tokenizer, special tokens (the padding token first), single template, pair template
TOKENIZERS: dict[str, tuple[str, list[str], str, str]] = {
    "bert": ("wordpiece", ["[PAD]", "[UNK]", "[CLS]", "[SEP]"], "[CLS] $A [SEP]", "[CLS] $A [SEP] $B:1 [SEP]:1"),
    "roberta": ("bytes", ["<pad>", "<unk>", "<s>", "</s>"], "<s> $A </s>", "<s> $A </s> </s> $B </s>"),
    "t5": ("unigram", ["<pad>", "<unk>", "</s>"], "$A </s>", "$A </s> $B </s>"),
    "xlnet": ("unigram", ["<pad>", "<unk>", "<cls>", "<sep>"], "$A <sep> <cls>:2", "$A <sep> $B:1 <sep>:1 <cls>:2"),
    "gpt2": ("bytes", ["<pad>", "<unk>"], "$A", "$A $B"),
    "llama": ("unigram", ["<pad>", "<unk>", "<s>"], "<s> $A", "<s> $A <s> $B"),
}
SMALL = {"hidden_size": 32, "num_hidden_layers": 3, "num_attention_heads": 4, "intermediate_size": 48}
POSITIONS = {"max_position_embeddings": 96}

# family -> tokenizer, configuration
FAMILIES: dict[str, tuple[str, dict[str, object]]] = {
    "bert": ("bert", {**SMALL, **POSITIONS}),
    "electra": ("bert", {**SMALL, **POSITIONS, "embedding_size": 16}),
    "distilbert": ("bert", {"dim": 32, "n_layers": 3, "n_heads": 4, "hidden_dim": 48, **POSITIONS}),
    "mpnet": ("roberta", {**SMALL, **POSITIONS}),
    "roberta": ("roberta", {**SMALL, **POSITIONS}),
    "xlm-roberta": ("roberta", {**SMALL, **POSITIONS}),
    "bart": (
        "roberta",
        {"d_model": 32, "encoder_layers": 3, "decoder_layers": 1, "encoder_attention_heads": 4, "encoder_ffn_dim": 48,
         "decoder_attention_heads": 4, "decoder_ffn_dim": 48, **POSITIONS},
    ),
    "t5": ("t5", {"d_model": 32, "d_kv": 8, "d_ff": 48, "num_layers": 3, "num_heads": 4}),
    "albert": ("bert", {**SMALL, **POSITIONS, "embedding_size": 16}),
    "deberta-v2": ("bert", {**SMALL, **POSITIONS, "relative_attention": True, "position_biased_input": False,
                            "pos_att_type": ["p2c", "c2p"], "type_vocab_size": 0}),
    "xlnet": ("xlnet", {"d_model": 32, "n_layer": 3, "n_head": 4, "d_inner": 48}),
    "modernbert": ("bert", {**SMALL, **POSITIONS, "global_attn_every_n_layers": 3, "local_attention": 8,
                            "cls_token_id": 2, "sep_token_id": 3, "bos_token_id": 2, "eos_token_id": 3}),
    "gpt2": ("gpt2", {"n_embd": 32, "n_layer": 3, "n_head": 4, "n_positions": 96,
                      "bos_token_id": None, "eos_token_id": None}),
    "llama": ("llama", {**SMALL, **POSITIONS, "num_key_value_heads": 2}),
}  # fmt: skip


@pytest.fixture(scope="session")
def shared_folder() -> Path:
    """Real text and recorded AllenNLP outputs; they lie beside the checkout and are not part of the project."""
    if not SHARED.is_dir():
        pytest.skip(f"needs real data in {SHARED}, which is not here")
    return SHARED


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], str]:
    """Give the folder of a tiny random model with its tokenizer, made on the first request for its family."""
    made: dict[str, str] = {}

    def folder_of(family: str) -> str:
        if family not in made:
            made[family] = str(tmp_path_factory.mktemp(family))
            save_tiny_model(family, made[family])
        return made[family]

    return folder_of


def save_tiny_model(family: str, folder: str) -> None:
    """Save a random model of a family with a tokenizer trained on a few sentences."""
    tokenizer_name, options = FAMILIES[family]
    tokenizer = tiny_tokenizer(tokenizer_name)
    tokenizer.save_pretrained(folder)
    config = AutoConfig.for_model(family, vocab_size=len(tokenizer), pad_token_id=tokenizer.pad_token_id, **options)
    with torch.random.fork_rng():
        torch.manual_seed(0)
        model = AutoModel.from_config(config)
        for parameter in model.parameters():  # far from their small defaults, so that mistakes show
            parameter.data += 0.1 * torch.randn_like(parameter)
    model.save_pretrained(folder)


def tiny_tokenizer(name: str) -> PreTrainedTokenizerFast:
    """Train a tokenizer of one kind with one template of special tokens."""
    kind, special, single, pair = TOKENIZERS[name]
    if kind == "wordpiece":
        tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
        tokenizer.normalizer = normalizers.BertNormalizer(lowercase=False)
        tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
        tokenizer.decoder = decoders.WordPiece()
        trainer = trainers.WordPieceTrainer(vocab_size=200, special_tokens=special, show_progress=False)
    elif kind == "bytes":
        tokenizer = Tokenizer(models.BPE())
        tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
        tokenizer.decoder = decoders.ByteLevel()
        alphabet = pre_tokenizers.ByteLevel.alphabet()
        trainer = trainers.BpeTrainer(
            vocab_size=330, special_tokens=special, initial_alphabet=alphabet, show_progress=False
        )
    else:
        tokenizer = Tokenizer(models.Unigram())
        tokenizer.normalizer = normalizers.NFKC()
        tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
        tokenizer.decoder = decoders.Metaspace()
        trainer = trainers.UnigramTrainer(
            vocab_size=220, special_tokens=special, unk_token="<unk>", show_progress=False
        )
    tokenizer.train_from_iterator(CORPUS, trainer)
    ids = [(token, tokenizer.token_to_id(token)) for token in special]
    tokenizer.post_processor = processors.TemplateProcessing(single=single, pair=pair, special_tokens=ids)
    names = {"pad_token": special[0], "unk_token": special[1]}
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, **names)


@pytest.fixture(scope="session")
def tiny_bert_folder(tiny_model: Callable[[str], str]) -> str:
    """What pages of the documentation call `tiny-bert`."""
    return tiny_model("bert")
