// Decide whether one sentence follows from another: SNLI and MNLI files.
local model_name = std.extVar("MODEL_NAME");
local folder = std.extVar("DATA");
{
  dataset_reader: {
    type: "snli",
    tokenizer: { type: "pretrained_transformer", model_name: model_name, add_special_tokens: false },
    token_indexers: { tokens: { type: "pretrained_transformer", model_name: model_name } },
  },
  train_data_path: folder + "/train.jsonl",
  validation_data_path: folder + "/dev.jsonl",
  model: {
    type: "basic_classifier",
    text_field_embedder: { token_embedders: { tokens: { type: "pretrained_transformer", model_name: model_name } } },
    seq2vec_encoder: { type: "cls_pooler", embedding_dim: std.parseInt(std.extVar("MODEL_DIM")) },
    dropout: 0.1,
  },
  data_loader: { batch_sampler: { type: "bucket", batch_size: 32, sorting_keys: ["tokens"] } },
  trainer: {
    num_epochs: 3,
    validation_metric: "+accuracy",
    num_gradient_accumulation_steps: 2,
    optimizer: { type: "huggingface_adamw", lr: 2e-5, weight_decay: 0.1 },
    learning_rate_scheduler: { type: "slanted_triangular", cut_frac: 0.06 },
  },
}
