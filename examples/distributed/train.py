"""Trains the layer of gated.layer under DistributedDataParallel: two processes on one machine, each with half of every batch."""

import argparse
import os
import sys

import torch
import torch.distributed
import torch.multiprocessing
from torch.nn.parallel import DistributedDataParallel

PROCESSES = 2
CLASSES, FEATURES, HIDDEN = 4, 8, 16
BATCH, STEPS = 64, 60


def data(seed=0, count=512):
    """Points around one centre a class."""
    random = torch.Generator().manual_seed(seed)
    centres = 2 * torch.randn(CLASSES, FEATURES, generator=random)
    t = torch.randint(CLASSES, (count,), generator=random)
    return centres[t] + torch.randn(count, FEATURES, generator=random), t


def model():
    from gated.torch import Gated

    random = torch.Generator().manual_seed(1)

    def weights(*shape):
        return torch.randn(*shape, generator=random) / shape[0] ** 0.5

    return Gated(
        u=weights(FEATURES, HIDDEN),
        g=weights(FEATURES, HIDDEN),
        w=weights(HIDDEN, CLASSES),
        b=torch.zeros(CLASSES),
    )


def train(loss_of, parameters, rank, processes):
    """The loss of each step, this process's part of the batch alone counted."""
    x, t = data()
    descent = torch.optim.SGD(parameters, lr=0.5)
    losses = []
    for step in range(STEPS):
        first = step * BATCH % len(x)
        own = slice(first + rank, first + BATCH, processes)
        descent.zero_grad()
        loss = loss_of(x[own], t[own])
        loss.backward()
        descent.step()
        losses.append(loss.detach())
    return torch.stack(losses)


def run(rank, generated, port):
    sys.path.insert(0, generated)
    os.environ.update(MASTER_ADDR="127.0.0.1", MASTER_PORT=str(port))
    torch.set_num_threads(1)
    torch.distributed.init_process_group("gloo", rank=rank, world_size=PROCESSES)
    layer = DistributedDataParallel(model())
    losses = train(layer, layer.parameters(), rank, PROCESSES)
    torch.distributed.all_reduce(losses)
    losses /= PROCESSES

    # gradients are averaged over the processes: the weights are those that one process gets with whole batches
    alone = model()
    expected = train(alone, alone.parameters(), 0, 1)
    apart = max((a - b).abs().max().item() for a, b in zip(layer.module.parameters(), alone.parameters()))
    if rank == 0:
        print(f"loss {losses[0]:.3f} before, {losses[-1]:.3f} after {STEPS} steps in {PROCESSES} processes")
        print(f"loss {expected[0]:.3f} before, {expected[-1]:.3f} after {STEPS} steps in one process")
        print(f"largest difference of a weight: {apart:.1e}")
    torch.distributed.destroy_process_group()
    if apart > 1e-4 or losses[-1] > 0.5 * losses[0]:
        sys.exit("the two do not agree, or nothing was learnt")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("generated", help="the output folder of leibniz build")
    parser.add_argument("--port", type=int, default=29511)
    arguments = parser.parse_args()
    torch.multiprocessing.spawn(run, (arguments.generated, arguments.port), nprocs=PROCESSES)
