// Fine-grained entities of OntoNotes; the folders of the data come from the environment.
local transformer = { type: "pretrained_transformer_mismatched", model_name: "roberta-base", max_length: 512 };

{
  dataset_reader: { type: "ontonotes_ner", coding_scheme: "BIOUL", token_indexers: { tokens: transformer } },
  train_data_path: std.extVar("CONLL_TRAIN_DATA_PATH"),
  validation_data_path: std.extVar("CONLL_DEV_DATA_PATH"),

  model: {
    type: "crf_tagger",
    text_field_embedder: { token_embedders: { tokens: transformer } },
    encoder: { type: "pass_through", input_dim: 768 },
    label_encoding: "BIOUL",
    include_start_end_transitions: false,
    verbose_metrics: false,
  },
  data_loader: { batch_sampler: { type: "bucket", batch_size: 16 } },
  trainer: {
    num_epochs: 20,
    patience: 3,
    validation_metric: "+f1-measure-overall",
    learning_rate_scheduler: { type: "linear_with_warmup", warmup_steps: 100 },
    optimizer: {
      type: "huggingface_adamw",
      weight_decay: 0.01,
      parameter_groups: [[["bias", "LayerNorm\\.weight", "layer_norm\\.weight"], { weight_decay: 0 }]],
      lr: 1e-5,
      eps: 1e-8,
      correct_bias: true,
    },
  },
}
