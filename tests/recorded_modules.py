"""Rebuild what tests/record_allennlp recorded: the formulas of its weights and inputs, and comparisons with it."""

import torch

FIXED = ("_constraint_mask", "label_weights")
TOLERANCE = 1e-5  # both sides compute in float32; sums run in another order


def wave(*shape, start=0):
    count = torch.Size(shape).numel()
    return torch.cos(1.3 * torch.arange(start, start + count, dtype=torch.float64)).float().view(*shape)


@torch.no_grad()
def fill(module):
    start = 0
    for name, values in sorted(module.state_dict().items()):
        if not name.endswith(FIXED):
            numbers = torch.arange(start, start + values.numel(), dtype=torch.float64)
            values.copy_((0.4 * torch.sin(0.37 * numbers)).view_as(values))
            start += values.numel()
    return module.eval()


def mask_of(lengths, size):
    return torch.arange(size).unsqueeze(0) < torch.tensor(lengths).unsqueeze(1)


def check_state(module, shapes):
    assert {name: list(values.shape) for name, values in module.state_dict().items()} == shapes


def check_gradients(module, loss, norms):
    module.zero_grad()
    loss.backward()
    found = {name: each.grad.norm().item() for name, each in module.named_parameters() if each.grad is not None}
    assert found.keys() == norms.keys()
    for name, norm in norms.items():
        assert abs(found[name] - norm) < TOLERANCE * max(1.0, norm), name


def check_equal(found, expected, where=""):
    """Compare nested results; tensors count as lists."""
    if isinstance(found, torch.Tensor):
        found = found.tolist()
    if isinstance(expected, dict):
        assert found.keys() == expected.keys(), where
        for key in expected:
            check_equal(found[key], expected[key], f"{where}.{key}")
    elif isinstance(expected, list):
        assert len(found) == len(expected), where
        for place, (one, other) in enumerate(zip(found, expected, strict=True)):
            check_equal(one, other, f"{where}.{place}")
    elif isinstance(expected, float):
        assert abs(found - expected) < TOLERANCE * max(1.0, abs(expected)), (where, found, expected)
    else:
        assert found == expected, where
