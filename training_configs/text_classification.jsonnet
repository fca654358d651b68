// Classify texts: {"text": "...", "label": "..."} on every line.
// foldformer train training_configs/text_classification.jsonnet -s out
local model_name = std.extVar("MODEL_NAME");
local folder = std.extVar("DATA");
{
  dataset_reader: {
    type: "text_classification_json",
    tokenizer: { type: "pretrained_transformer", model_name: model_name },
    token_indexers: { tokens: { type: "pretrained_transformer", model_name: model_name } },
  },
  train_data_path: folder + "/train.jsonl",
  validation_data_path: folder + "/dev.jsonl",
  model: {
    type: "basic_classifier",
    text_field_embedder: { token_embedders: { tokens: { type: "pretrained_transformer", model_name: model_name } } },
    seq2vec_encoder: { type: "bert_pooler", pretrained_model: model_name, dropout: 0.1 },
  },
  data_loader: { batch_sampler: { type: "bucket", batch_size: 16, sorting_keys: ["tokens"] } },
  trainer: {
    num_epochs: 3,
    validation_metric: "+accuracy",
    optimizer: {
      type: "huggingface_adamw",
      lr: 2e-5,
      weight_decay: 0.01,
      parameter_groups: [[["bias", "LayerNorm\\.weight"], { weight_decay: 0 }]],
    },
    learning_rate_scheduler: { type: "slanted_triangular", cut_frac: 0.06 },
  },
}
