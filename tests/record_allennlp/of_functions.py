"""Records of the functions of `allennlp.nn.util`: arguments and answers."""

import torch
from allennlp.nn import util
from formulas import mask_of, plain, wave


def marked(value):
    """Tensors as {"tensor": ...}, whatever they are in."""
    if torch.is_tensor(value):
        return {"tensor": plain(value)}
    return [marked(each) for each in value] if isinstance(value, (list, tuple)) else value


def function_records():
    records = []

    def add(name, *arguments, **named):
        answer = getattr(util, name)(*arguments, **named)
        named = {key: marked(value) for key, value in named.items()}
        records.append({"function": name, "arguments": marked(arguments), "named": named, "answer": plain(answer)})

    generator = torch.Generator().manual_seed(3)

    def whole(*shape, below):
        return torch.randint(below, shape, generator=generator)

    scores, mask = wave(4, 6), mask_of((6, 3, 1, 0), 6)
    cube, narrow = wave(4, 5, 6), wave(4, 5)
    for name in ("masked_softmax", "masked_log_softmax"):
        add(name, scores, mask)
        add(name, cube, mask)
        add(name, cube, mask_of((5, 3, 1, 2), 5).unsqueeze(-1).expand(4, 5, 6), dim=1)
        add(name, scores, None)
    add("masked_softmax", scores, mask, memory_efficient=True)
    for name in ("masked_max", "masked_mean"):
        add(name, scores, mask_of((6, 3, 1, 2), 6), 1)
        add(name, cube, mask_of((5, 3, 1, 2), 5).unsqueeze(-1), 1, keepdim=True)
    add("masked_mean", scores, mask, 1)
    add("replace_masked_values", scores, mask, -7.0)
    add("masked_flip", cube, [5, 2, 1, 3])
    add("masked_topk", scores, mask_of((6, 3, 1, 4), 6), 3)
    add("masked_topk", scores, mask_of((6, 3, 4, 4), 6), torch.tensor([1, 3, 2, 4]))
    add("masked_topk", cube, whole(4, 5, 6, below=4) > 0, 2, dim=1)
    add("get_lengths_from_binary_sequence_mask", mask)
    add("get_mask_from_sequence_lengths", torch.tensor([4, 3, 0, 1]), 5)
    add("sort_batch_by_length", scores, torch.tensor([2, 6, 1, 3]))
    for bidirectional in (False, True):
        add("get_final_encoder_states", cube, mask_of((5, 3, 1, 2), 5), bidirectional)
    add("weighted_sum", cube, narrow)
    add("weighted_sum", cube, wave(4, 3, 5))
    add("weighted_sum", cube, wave(4, 2, 3, 5))
    add("weighted_sum", wave(4, 3, 5, 2), wave(4, 3, 5, start=9))
    for combination in ("x,y", "x,y,x*y,x-y", "1,2,2/1,1+2,3"):
        tensors = [wave(2, 3, 4), wave(2, 3, 4, start=50), wave(2, 3, 4, start=99)]
        add("combine_tensors", combination, tensors)
        add("get_combined_dim", combination, [4, 4, 4])
    add("combine_tensors_and_multiply", "x,2,3", tensors, wave(12, start=5))
    add("combine_tensors_and_multiply", "x,y-x,2+3", tensors, wave(12, start=5))
    add(
        "combine_tensors_and_multiply",
        "x,y,x*y,x-y,x/y",
        [wave(2, 3, 1, 4), wave(2, 1, 5, 4, start=20)],
        wave(20, start=3),
    )
    indices = whole(4, 3, 2, below=5)
    add("flatten_and_batch_shift_indices", indices, 5)
    add("batched_index_select", cube, indices)
    add("batched_index_select", cube, indices[:, 0])
    starts = whole(4, 3, below=4)
    add("batched_span_select", cube, torch.stack([starts, (starts + whole(4, 3, below=3)).clamp(max=4)], dim=-1))
    add("flattened_index_select", cube, whole(2, 3, below=5))
    add("masked_index_fill", whole(4, 6, below=9), whole(4, 3, below=6), mask_of((3, 1, 0, 2), 3), 77)
    places = torch.tensor([[0, 2, 4], [1, 3, 0], [2, 0, 1], [3, 4, 1]])
    add("masked_index_replace", cube, places, mask_of((3, 1, 0, 2), 3), wave(4, 3, 6, start=300))
    add("bucket_values", torch.tensor([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 15, 16, 31, 32, 63, 64, 500]))
    add("bucket_values", torch.tensor([0, 1, 5, 9, 70]), num_identity_buckets=2, num_total_buckets=6)
    ids = whole(3, 4, below=8) + 1
    ids = ids * mask_of((4, 2, 0), 4)
    add("add_sentence_boundary_token_ids", ids, mask_of((4, 2, 0), 4), 98, 99)
    vectors = wave(3, 4, 2).abs() * mask_of((4, 2, 0), 4).unsqueeze(-1)
    add("add_sentence_boundary_token_ids", vectors, mask_of((4, 2, 0), 4), torch.ones(2), torch.ones(2) * 2)
    add("remove_sentence_boundaries", cube, mask_of((5, 3, 2, 1), 5))
    add("add_positional_features", cube)
    add("add_positional_features", wave(2, 3, 7), min_timescale=2.0, max_timescale=100.0)
    add("logsumexp", cube, 1, True)
    add("get_range_vector", 4, -1)
    add("get_device_of", cube)
    add("combine_initial_dims", cube)
    add("uncombine_initial_dims", wave(6, 4, 2), [2, 3, 4])
    add("clamp_tensor", scores, -0.2, 0.3)
    add("tensors_equal", [scores, [mask]], [scores + 1e-14, [mask]])
    add("tensors_equal", [scores], [scores + 1e-3])
    return records
