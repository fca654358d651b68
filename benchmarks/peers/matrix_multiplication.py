"""The physical limit: how many multiplications and additions a second large matrices reach."""

import json
import sys
import time

import torch

SIZE = 4096
REPEATS = 5


def main() -> None:
    """Print GFLOP/s of the best of several products for the dtype on the command line."""
    dtype = getattr(torch, sys.argv[1])
    left, right = torch.randn(SIZE, SIZE).to(dtype), torch.randn(SIZE, SIZE).to(dtype)
    seconds = []
    with torch.inference_mode():
        for _ in range(REPEATS):
            start = time.perf_counter()
            left @ right
            seconds.append(time.perf_counter() - start)
    print(json.dumps({"gflops": 2 * SIZE**3 / min(seconds) / 1e9}))


if __name__ == "__main__":
    main()
