// As people wrote files for AllenNLP 1.
local transformer_model = std.extVar("TRANSFORMER");
local batch_size = 4;

{
  "dataset_reader": {
    "type": "old-reviews",
    "lazy": false,
    "tokenizer": { "type": "just_spaces" },
    "token_indexers": {
      "bert": { "type": "pretrained_transformer_mismatched", "model_name": transformer_model, "max_length": 16 },
      "tokens": { "type": "single_id", "lowercase_tokens": true },
    },
  },
  "train_data_path": "data/train.tsv",
  "validation_data_path": "data/dev.tsv",
  "model": {
    "type": "old-review-classifier",
    "text_field_embedder": {
      "token_embedders": {
        "bert": { "type": "pretrained_transformer_mismatched", "model_name": transformer_model, "max_length": 16 },
        "tokens": { "type": "embedding", "embedding_dim": 8 },
      },
    },
    "encoder": { "type": "boe", "embedding_dim": 40, "averaged": true },
    "feedforward": { "input_dim": 40, "num_layers": 1, "hidden_dims": 16, "activations": "relu", "dropout": 0.1 },
    "initializer": [["_to_kinds.*weight", { "type": "xavier_uniform" }]],
    "regularizer": [["_to_kinds.*weight", { "type": "l2", "alpha": 0.001 }]],
  },
  "iterator": {
    "type": "bucket",
    "sorting_keys": [["review", "num_tokens"]],
    "batch_size": batch_size,
  },
  "trainer": {
    "type": "default",
    "num_epochs": 8,
    "cuda_device": -1,
    "validation_metric": "+accuracy",
    "grad_norm": 1.0,
    "optimizer": {
      "type": "huggingface_adamw",
      "lr": 1e-3,
      "parameter_groups": [[["_to_kinds", "tokens"], { "lr": 1e-2 }]],
    },
    "checkpointer": { "num_serialized_models_to_keep": 1, "keep_serialized_model_every_num_seconds": 3600 },
    "epoch_callbacks": ["track_epoch_callback"],
  },
}
