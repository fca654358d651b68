// Fine-grained entities of OntoNotes; the folder of the data comes from the environment.
local folder = std.extVar("CONLL_DATA_PATH");
local transformer = { type: "pretrained_transformer_mismatched", model_name: "roberta-base", max_length: 512 };

{
  dataset_reader: { type: "ontonotes_ner", coding_scheme: "BIOUL", token_indexers: { tokens: transformer } },
  train_data_path: folder + "/train",
  validation_data_path: folder + "/development",

  model: {
    type: "crf_tagger",
    text_field_embedder: { token_embedders: { tokens: transformer } },
    encoder: { type: "pass_through", input_dim: 768 },
    label_encoding: "BIOUL",
    include_start_end_transitions: false,
    verbose_metrics: true,
  },
  data_loader: { batch_sampler: { type: "bucket", batch_size: 8 } },
  trainer: {
    num_epochs: 3,
    validation_metric: "+f1-measure-overall",
    learning_rate_scheduler: { type: "slanted_triangular", cut_frac: 0.05 },
    optimizer: {
      type: "huggingface_adamw",
      weight_decay: 0.0,
      parameter_groups: [[["bias", "LayerNorm\\.weight", "layer_norm\\.weight"], { weight_decay: 0 }]],
      lr: 1e-5,
      eps: 1e-8,
    },
    grad_norm: 1.0,
    cuda_device: -1,
  },
}
