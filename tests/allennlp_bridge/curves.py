"""What is written to a writer of curves; AllenNLP's and ours are taken through the same."""

from types import SimpleNamespace

import torch


class Log:
    """Stands for a SummaryWriter: keeps what it is given."""

    def __init__(self, events, part):
        self._events, self._part = events, part

    def add_scalar(self, name, value, step):
        self._events.append([self._part, name, float(value), step])

    def add_histogram(self, name, values, step):
        self._events.append([self._part, name, [float(each) for each in values], step])


class Part(torch.nn.Linear):
    should_log_activations = True


class Both(torch.nn.Module):
    should_log_activations = True

    def forward(self, text):
        return {"ids": text, "count": 3}


class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.part = Part(3, 2)
        self.words = torch.nn.Embedding(4, 3, sparse=True)
        self.one = torch.nn.Parameter(torch.tensor(0.5), requires_grad=False)
        self.both = Both()
        for parameter in self.parameters():
            values = torch.arange(parameter.numel(), dtype=torch.float64).view(parameter.shape)
            parameter.data = (0.4 * torch.sin(0.37 * values + 1)).float()

    def get_parameters_for_histogram_logging(self):
        return ["part.weight"]

    get_parameters_for_histogram_tensorboard_logging = get_parameters_for_histogram_logging

    def forward(self, ids):
        return self.part(self.words(self.both(ids)["ids"])).tanh().sum()


def play(make, **options):
    """Take a writer through steps 0 to 4, and say what it has written."""
    events, at, net = [], SimpleNamespace(step=0), Net()
    writer = make(None, get_batch_num_total=lambda: at.step, **options)
    writer._train_log, writer._validation_log = Log(events, "train"), Log(events, "validation")
    writer.enable_activation_logging(net)
    optimizer = torch.optim.SGD([{"params": net.parameters()}], lr=0.25)
    for at.step in range(5):
        ids = torch.tensor([[0, 1], [1, 3]])[: 1 + at.step % 2]
        before = {name: each.detach().clone() for name, each in net.named_parameters()}
        optimizer.zero_grad()
        net(ids).backward()
        optimizer.step()
        updates = {name: each.detach() - before[name] for name, each in net.named_parameters()}
        batches = [{"text": {"tokens": {"ids": ids}}}, {"text": {"tokens": {"ids": ids}}}]
        writer.log_batch(net, optimizer, 0.5 * at.step, {"loss": 1.5, "f1": 0.25}, batches, updates)
    writer.add_train_scalar("own/a", torch.tensor(2.5))
    writer.add_train_scalar("own/b", 2, timestep=7)
    writer.add_validation_scalar("own/c", 0.125, timestep=0)
    writer.add_train_histogram("own/d", torch.tensor([[1, 2], [3, 4]]))
    writer.add_train_histogram("own/e", "no tensor")
    writer.log_activation_histogram([torch.ones(2), "no tensor"], "own/f")
    writer.log_memory_usage({0: 3 << 20, 1: 1 << 19}, {1: 5 << 20})
    writer.log_metrics({"loss": 1.0, "gone": None}, {"loss": 2.0, "f1": 0.5}, epoch=3)
    writer.reset_epoch()
    writer.log_batch(net, optimizer, None, {"loss": 0.5}, batches, updates)
    return events


OPTIONS = [
    {"summary_interval": 2},
    {"summary_interval": 3, "should_log_parameter_statistics": False, "should_log_learning_rate": True},
    {"histogram_interval": 2, "batch_size_interval": 2, "should_log_parameter_statistics": False},
]
