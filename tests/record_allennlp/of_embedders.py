"""Records of token embedders and of the text field embedder."""

import torch
from formulas import BASES, build, fill, make_vocabulary, mask_of, plain, shapes, vocabulary, wave


def text_field(rows=3, positions=5, characters=None):
    ids = (torch.arange(rows * positions).view(rows, positions) * 3 + 1) % 9 + 1
    ids = ids * mask_of(tuple(max(positions - row, 1) for row in range(rows)), positions)
    tensors = {"tokens": {"tokens": ids}}
    if characters:
        letters = (torch.arange(rows * positions * characters).view(rows, positions, characters) * 5 + 2) % 7 + 1
        reach = torch.arange(characters) < (torch.arange(positions).view(1, -1, 1) % characters + 1)
        tensors["characters"] = {"token_characters": letters * reach * (ids != 0).unsqueeze(-1)}
    return tensors


def embedder_record(config, tensors, tokens, base="TokenEmbedder"):
    module = build(BASES[base], config, vocab=make_vocabulary(tokens))
    fill(module)
    output = module(tensors) if base == "TextFieldEmbedder" else module(*tensors)
    return {
        "base": base,
        "config": config,
        "vocabulary": tokens,
        "tensors": plain(tensors),
        "state": shapes(module),
        "trainable": sorted(name for name, each in module.named_parameters() if each.requires_grad),
        "output_dim": module.get_output_dim(),
        "output": plain(output),
    }


def embedder_records():
    tokens = vocabulary()
    fields = text_field(characters=4)
    ids, letters = [fields["tokens"]["tokens"]], [fields["characters"]["token_characters"]]
    plain_embedding = {"type": "embedding", "embedding_dim": 4}
    cnn = {"type": "cnn", "embedding_dim": 4, "num_filters": 2, "ngram_filter_sizes": [2, 3]}
    characters = {
        "type": "character_encoding",
        "embedding": {"embedding_dim": 4, "vocab_namespace": "token_characters"},
    }
    characters["encoder"] = cnn
    configs = [
        plain_embedding,
        {**plain_embedding, "num_embeddings": 12, "trainable": False},
        {**plain_embedding, "projection_dim": 3},
        {**plain_embedding, "max_norm": 0.5, "norm_type": 1.0},
        {"type": "bag_of_word_counts", "vocab_namespace": "tokens"},
        {"type": "bag_of_word_counts", "projection_dim": 3, "ignore_oov": True},
    ]
    records = [embedder_record(config, ids, tokens) for config in configs]
    records.append(embedder_record({**plain_embedding, "vocab_namespace": "token_characters"}, letters, tokens))
    records.append(
        embedder_record(
            {**plain_embedding, "vocab_namespace": "token_characters", "projection_dim": 2}, letters, tokens
        )
    )
    records.append(embedder_record(characters, letters, tokens))
    lstm = {"type": "lstm", "input_size": 4, "hidden_size": 3, "bidirectional": True}
    records.append(embedder_record({**characters, "encoder": lstm}, letters, tokens))
    records.append(embedder_record({"type": "pass_through", "hidden_dim": 3}, [wave(2, 4, 3)], tokens))
    both = {"token_embedders": {"tokens": plain_embedding, "characters": characters}}
    records.append(embedder_record(both, fields, tokens, "TextFieldEmbedder"))
    return records
