"""Adam for gradients of either kind, against those of torch for one kind each."""

import pytest
import torch

from foldformer.training.optimizers import Optimizer

START = torch.tensor([[0.5, -1.0], [2.0, 0.1], [0.3, -0.2], [1.0, 1.5]])
ROWS = [[0, 2, 2], [1], [0, 3], [2, 0]]


def gradient(step, *, is_sparse):
    rows = torch.tensor(ROWS[step])
    values = torch.cos(torch.arange(2.0 * len(rows)) + step).view(-1, 2)
    sparse = torch.sparse_coo_tensor(rows.unsqueeze(0), values, START.shape, check_invariants=True)
    return sparse if is_sparse else sparse.to_dense() + 0.1


def after_steps(make, *, is_sparse):
    parameter = torch.nn.Parameter(START.clone())
    optimizer = make(parameter)
    for step in range(len(ROWS)):
        parameter.grad = gradient(step, is_sparse=is_sparse)
        optimizer.step()
    return parameter.detach()


def ours(parameter):
    block = {"type": "dense_sparse_adam", "lr": 0.1, "betas": [0.8, 0.9]}
    return Optimizer.from_params(block, model_parameters=[("weight", parameter)])


@pytest.mark.parametrize(("theirs", "is_sparse"), [(torch.optim.Adam, False), (torch.optim.SparseAdam, True)])
def test_steps_are_those_of_torch(theirs, is_sparse):
    expected = after_steps(lambda parameter: theirs([parameter], lr=0.1, betas=(0.8, 0.9)), is_sparse=is_sparse)
    torch.testing.assert_close(after_steps(ours, is_sparse=is_sparse), expected, rtol=1e-6, atol=1e-6)
    assert not torch.equal(expected, START)


def test_rows_without_gradient_stay():
    parameter = torch.nn.Parameter(START.clone())
    optimizer = ours(parameter)
    parameter.grad = gradient(1, is_sparse=True)
    optimizer.step()
    assert torch.equal(parameter.detach()[[0, 2, 3]], START[[0, 2, 3]])
    again = ours(parameter)
    again.load_state_dict(optimizer.state_dict())
    parameter.grad = gradient(2, is_sparse=True)
    again.step()
    assert torch.equal(parameter.detach()[2], START[2])
    assert int(again.state[parameter]["step"]) == 2


def test_closure_computes_the_gradients():
    parameter = torch.nn.Parameter(START.clone())
    optimizer = ours(parameter)

    def closure():
        optimizer.zero_grad()
        loss = parameter.square().sum()
        loss.backward()
        return loss

    assert optimizer.step(closure).item() == pytest.approx(START.square().sum().item())
    assert not torch.equal(parameter.detach(), START)
