// Tag words with their parts of speech by a model of 2018: ELMo below a recurrent network.
local folder = std.extVar("DATA");
local elmo_dim = std.parseInt(std.extVar("MODEL_DIM"));  // 1024 for the models that were published first
{
  dataset_reader: {
    type: "universal_dependencies",
    token_indexers: { elmo: { type: "elmo_characters" } },
  },
  train_data_path: folder + "/train.conllu",
  validation_data_path: folder + "/dev.conllu",
  model: {
    type: "simple_tagger",
    text_field_embedder: {
      token_embedders: {
        elmo: {
          type: "elmo_token_embedder",
          options_file: folder + "/options.json",
          weight_file: folder + "/weights.hdf5",
          dropout: 0.2,
        },
      },
    },
    encoder: { type: "lstm", input_size: elmo_dim, hidden_size: 64, bidirectional: true },
  },
  data_loader: { batch_sampler: { type: "bucket", batch_size: 16 } },
  trainer: {
    num_epochs: 3,
    validation_metric: "+accuracy",
    optimizer: { type: "adam", lr: 1e-3 },
  },
}
