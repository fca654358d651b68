// Find names, with a CRF that allows well-formed tag sequences only, from CoNLL 2003.
local model_name = std.extVar("MODEL_NAME");
local folder = std.extVar("DATA");
{
  dataset_reader: {
    type: "conll2003",
    tag_label: "ner",
    coding_scheme: "BIOUL",
    token_indexers: { tokens: { type: "pretrained_transformer_mismatched", model_name: model_name } },
  },
  train_data_path: folder + "/train.conll",
  validation_data_path: folder + "/dev.conll",
  model: {
    type: "crf_tagger",
    label_encoding: "BIOUL",
    calculate_span_f1: true,
    include_start_end_transitions: false,
    text_field_embedder: {
      token_embedders: { tokens: { type: "pretrained_transformer_mismatched", model_name: model_name } },
    },
    encoder: { type: "pass_through", input_dim: std.parseInt(std.extVar("MODEL_DIM")) },
  },
  data_loader: { batch_sampler: { type: "bucket", batch_size: 16 } },
  trainer: {
    num_epochs: 5,
    patience: 2,
    validation_metric: "+f1-measure-overall",
    grad_norm: 1.0,
    optimizer: { type: "huggingface_adamw", lr: 3e-5 },
    learning_rate_scheduler: { type: "slanted_triangular", cut_frac: 0.05 },
  },
}
