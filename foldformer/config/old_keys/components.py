"""Old keys of components: tokenizers, indexers, embedders, initializers, vocabularies and optimizers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from foldformer.config.old_keys.row import Block, put

_WORD = ("word_splitter", "word_filter", "word_stemmer")


def list_to_regexes(block: Block, key: str, file: Block) -> bool:  # noqa: ARG001
    """Put the list of patterns that 0.x took for an initializer or regularizer under `regexes`."""
    rows = block[key]
    if not isinstance(rows, list) or not all(isinstance(row, list) and len(row) == 2 for row in rows):
        return False
    prevented = [regex for regex, each in rows if each in ("prevent", {"type": "prevent"})]
    block[key] = {"regexes": [row for row in rows if row[0] not in prevented]}
    if prevented:
        block[key]["prevent_regexes"] = prevented
    return True


def directory_to_type(vocabulary: Block, key: str, file: Block) -> bool:  # noqa: ARG001
    """Say by `type` that a vocabulary comes from files; `extend` counts the data as well."""
    kind = "extend" if vocabulary.pop("extend", False) else "from_files"
    put(vocabulary, "directory", vocabulary[key], instead_of=key)
    vocabulary.setdefault("type", kind)
    return True


def word_to_splitter(tokenizer: Block, key: str, file: Block) -> bool:  # noqa: ARG001
    """Name the tokenizer "word" of 0.x after its splitter; false where it filters or stems, too."""
    if tokenizer.get("word_filter") or tokenizer.get("word_stemmer"):
        return False
    splitter = tokenizer.get("word_splitter") or "spacy"
    options = {"type": splitter} if isinstance(splitter, str) else splitter
    if not isinstance(options, dict):
        return False
    rest = {name: value for name, value in tokenizer.items() if name not in (key, *_WORD)}
    tokenizer.clear()
    tokenizer.update({**options, **rest})
    return True


def tokens_to_special(tokenizer: Block, key: str, file: Block) -> bool:  # noqa: ARG001
    """Say by `add_special_tokens` whether there are special tokens; which ones, the model says."""
    if tokenizer.pop(key) == [] and not tokenizer.get("start_tokens") and not tokenizer.get("end_tokens"):
        tokenizer.setdefault("add_special_tokens", False)
    return True


def bert_indexer(indexer: Block, key: str, file: Block) -> bool:  # noqa: ARG001
    """Turn the indexer "bert-pretrained" of 0.x into the mismatched one, which gives the same wordpieces."""
    kept = {"type": "pretrained_transformer_mismatched", "model_name": indexer.get("pretrained_model")}
    if "max_pieces" in indexer:
        kept["max_length"] = indexer["max_pieces"]
    if "do_lowercase" in indexer:
        kept["tokenizer_kwargs"] = {"do_lower_case": indexer["do_lowercase"]}
    indexer.clear()
    indexer.update(kept)
    return True


def bert_embedder(embedder: Block, key: str, file: Block) -> bool:
    """Turn the embedder "bert-pretrained" of 0.x into the mismatched one: by default frozen, and mixing all layers."""
    indexers = list(_blocks_of_type(file, "bert-pretrained", without=embedder))
    starts = any(each.get("use_starting_offsets") for each in indexers)
    embedder.update(
        {
            key: "pretrained_transformer_mismatched",
            "model_name": embedder.pop("pretrained_model", None),
            "train_parameters": embedder.pop("requires_grad", False),
            "last_layer_only": embedder.pop("top_layer_only", False),
            "sub_token_mode": "first" if starts else "last",
        }
    )
    lengths = [each["max_pieces"] for each in indexers if "max_pieces" in each]
    if lengths:
        embedder.setdefault("max_length", lengths[0])
    return True


def _blocks_of_type(value: Any, name: str, without: Block) -> Iterator[Block]:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    if isinstance(value, dict) and value.get("type") == name and value is not without:
        yield value
    for each in inner:
        yield from _blocks_of_type(each, name, without)


def embedders_by_name(model: Block, key: str, file: Block) -> bool:  # noqa: ARG001
    """Put embedders that stand in a text field embedder by name, as in 0.x, under `token_embedders`."""
    block = model[key]
    if not isinstance(block, dict) or "token_embedders" in block or block.get("type", "basic") != "basic":
        return False
    named = {name: each for name, each in block.items() if isinstance(each, dict) and "type" in each}
    if not named:
        return False
    model[key] = {**{name: each for name, each in block.items() if name not in named}, "token_embedders": named}
    return True


def bert_adam(optimizer: Block, key: str, file: Block) -> bool:  # noqa: ARG001
    """Turn `bert_adam` of 0.x into `huggingface_adamw` without bias correction; false where it warms up itself."""
    if optimizer.get("t_total", -1) != -1:
        return False
    kept = {name: optimizer.pop(name) for name in ("b1", "b2", "e", "weight_decay") if name in optimizer}
    for name in ("t_total", "warmup", "schedule", "max_grad_norm"):
        optimizer.pop(name, None)
    optimizer.update({key: "huggingface_adamw", "correct_bias": False, "eps": kept.get("e", 1e-6)})
    optimizer["weight_decay"] = kept.get("weight_decay", 0.01)
    if "b1" in kept or "b2" in kept:
        optimizer["betas"] = [kept.get("b1", 0.9), kept.get("b2", 0.999)]
    return True
