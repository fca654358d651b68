// Tag words from a frozen transformer: only the mix of its layers, an LSTM and the last layer are trained.
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
      token_embedders: {
        tokens: {
          type: "pretrained_transformer_mismatched",
          model_name: model_name,
          train_parameters: false,
          last_layer_only: false,
        },
      },
    },
    encoder: {
      type: "lstm",
      input_size: std.parseInt(std.extVar("MODEL_DIM")),
      hidden_size: 64,
      bidirectional: true,
    },
  },
  data_loader: { batch_size: 16, shuffle: true },
  trainer: {
    num_epochs: 5,
    validation_metric: "+accuracy",
    optimizer: { type: "adam", lr: 2e-3 },
  },
}
