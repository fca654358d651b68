// Tag words with their parts of speech, from CoNLL-U.
local model_name = std.extVar("MODEL_NAME");
local folder = std.extVar("DATA");
{
  dataset_reader: {
    type: "universal_dependencies",
    token_indexers: { tokens: { type: "pretrained_transformer_mismatched", model_name: model_name } },
  },
  train_data_path: folder + "/train.conllu",
  validation_data_path: folder + "/dev.conllu",
  model: {
    type: "simple_tagger",
    text_field_embedder: {
      token_embedders: { tokens: { type: "pretrained_transformer_mismatched", model_name: model_name } },
    },
    encoder: { type: "pass_through", input_dim: std.parseInt(std.extVar("MODEL_DIM")) },
  },
  data_loader: { batch_size: 16, shuffle: true },
  trainer: {
    num_epochs: 3,
    validation_metric: "+accuracy",
    optimizer: { type: "huggingface_adamw", lr: 5e-4 },
  },
}
