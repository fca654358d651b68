// SuperGLUE RTE: does the hypothesis follow from the premise? The reader takes its own model, roberta-base.
local name = "roberta-large-mnli";
local width = 1024;

{
  dataset_reader: { type: "transformer_superglue_rte" },

  local data = "https://dl.fbaipublicfiles.com/glue/superglue/data/v2/RTE.zip!RTE/",
  train_data_path: data + "train.jsonl",
  validation_data_path: data + "val.jsonl",
  test_data_path: data + "test.jsonl",

  model: {
    type: "basic_classifier",
    text_field_embedder: {
      token_embedders: { tokens: { type: "pretrained_transformer", model_name: name, max_length: 512 } },
    },
    seq2vec_encoder: { type: "cls_pooler", embedding_dim: width },
    feedforward: { input_dim: width, num_layers: 1, hidden_dims: width, activations: "tanh" },
    dropout: 0.1,
    namespace: "tags",
  },
  data_loader: { shuffle: true, batch_size: 4 },
  trainer: {
    num_epochs: 20,
    patience: 3,
    validation_metric: "+accuracy",
    num_gradient_accumulation_steps: 16,
    learning_rate_scheduler: { type: "linear_with_warmup", warmup_steps: 100 },
    optimizer: {
      type: "huggingface_adamw",
      weight_decay: 0.01,
      parameter_groups: [[["bias", "LayerNorm\\.weight", "layer_norm\\.weight"], { weight_decay: 0 }]],
      lr: 1e-6,
      eps: 1e-8,
      correct_bias: true,
    },
  },
  random_seed: 42,
  numpy_seed: 42,
  pytorch_seed: 42,
}
