// Decide whether one sentence follows from another, by matching their words: SNLI and MNLI files.
local folder = std.extVar("DATA");
local matcher(dim, is_forward) = { hidden_dim: dim, num_perspectives: 10, is_forward: is_forward };
local lstm(input_size) = { type: "lstm", input_size: input_size, hidden_size: 50, bidirectional: true };
{
  dataset_reader: { type: "snli" },
  train_data_path: folder + "/train.jsonl",
  validation_data_path: folder + "/dev.jsonl",
  model: {
    type: "bimpm",
    text_field_embedder: { token_embedders: { tokens: { type: "embedding", embedding_dim: 100 } } },
    matcher_word: matcher(100, true) + { with_full_match: false },
    encoder1: lstm(100),
    matcher_forward1: matcher(50, true),
    matcher_backward1: matcher(50, false),
    encoder2: lstm(100),
    matcher_forward2: matcher(50, true),
    matcher_backward2: matcher(50, false),
    // Of num_perspectives and the four kinds of matches: 2 + 3 * 11 + 2 * 10 = 55 each, 44 for the words.
    aggregator: lstm(44 + 4 * 55) + { hidden_size: 50 },
    classifier_feedforward: {
      input_dim: 200,
      num_layers: 2,
      hidden_dims: [100, 3],
      activations: ["relu", "linear"],
      dropout: [0.1, 0.0],
    },
  },
  data_loader: { batch_sampler: { type: "bucket", batch_size: 32, sorting_keys: ["premise", "hypothesis"] } },
  trainer: { num_epochs: 10, validation_metric: "+accuracy", grad_clipping: 5.0, optimizer: { type: "adam", lr: 5e-4 } },
}
