// Find the head of each word, and the label of the arc from it, in CoNLL-U.
local folder = std.extVar("DATA");
{
  dataset_reader: { type: "universal_dependencies", dependencies: true },
  train_data_path: folder + "/train.conllu",
  validation_data_path: folder + "/dev.conllu",
  model: {
    type: "biaffine_parser",
    text_field_embedder: { token_embedders: { tokens: { type: "embedding", embedding_dim: 100 } } },
    pos_tag_embedding: { embedding_dim: 50, vocab_namespace: "pos" },
    encoder: { type: "lstm", input_size: 150, hidden_size: 100, num_layers: 2, bidirectional: true },
    arc_representation_dim: 100,
    tag_representation_dim: 50,
    dropout: 0.3,
    input_dropout: 0.3,
  },
  data_loader: { batch_sampler: { type: "bucket", batch_size: 32, sorting_keys: ["words"] } },
  trainer: { num_epochs: 10, validation_metric: "+LAS", grad_norm: 5.0, optimizer: { type: "adam", lr: 2e-3 } },
}
