"""Functions of tensors that models call: softmax under a mask, selection by index, attention's weighted sums."""
