"""What runs micro-batches: one module a backend, all behind `Backend`.

    pytorch     any architecture, any device, with and without gradients; packed rows where the architecture takes them
    openvino    frozen transformers on processors, in float32, bfloat16 and int8
    frozen      chooses between the two

A new backend subclasses `Backend` in a module of its own here, and `PretrainedTransformerEmbedder` learns when to take
it. It must give PyTorch's numbers to a stated tolerance; a probe on a few wordpieces decides, not a list.
"""
