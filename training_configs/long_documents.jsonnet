// Classify documents of any length: they are folded into segments of max_length wordpieces, and nothing is cut off.
local model_name = std.extVar("MODEL_NAME");
local folder = std.extVar("DATA");
local max_length = 64;
{
  dataset_reader: {
    type: "text_classification_json",
    tokenizer: { type: "pretrained_transformer", model_name: model_name },
    token_indexers: {
      tokens: { type: "pretrained_transformer", model_name: model_name, max_length: max_length },
    },
  },
  train_data_path: folder + "/train.jsonl",
  validation_data_path: folder + "/dev.jsonl",
  model: {
    type: "basic_classifier",
    text_field_embedder: {
      token_embedders: {
        tokens: { type: "pretrained_transformer", model_name: model_name, max_length: max_length },
      },
    },
    // The average over all segments; bert_pooler would look at the first one only.
    seq2vec_encoder: { type: "mean", embedding_dim: std.parseInt(std.extVar("MODEL_DIM")) },
    dropout: 0.1,
  },
  data_loader: { batch_sampler: { type: "max_tokens_sampler", max_tokens: 4000 } },
  trainer: {
    num_epochs: 3,
    validation_metric: "+accuracy",
    optimizer: { type: "huggingface_adamw", lr: 2e-5 },
    learning_rate_scheduler: { type: "linear_with_warmup", warmup_steps: 10 },
  },
}
