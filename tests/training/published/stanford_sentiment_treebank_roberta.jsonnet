// SST with two classes: trained on every phrase of a sentence, validated on whole sentences.
local name = "roberta-large";
local transformer = { type: "pretrained_transformer", model_name: name };

{
  local reader(use_subtrees) = {
    type: "sst_tokens",
    use_subtrees: use_subtrees,
    granularity: "2-class",
    token_indexers: { tokens: transformer },
    tokenizer: transformer,
  },
  dataset_reader: reader(true),
  validation_dataset_reader: reader(false),

  local data = "https://allennlp.s3.amazonaws.com/datasets/sst/",
  train_data_path: data + "train.txt",
  validation_data_path: data + "dev.txt",
  test_data_path: data + "test.txt",

  model: {
    type: "basic_classifier",
    text_field_embedder: { token_embedders: { tokens: transformer } },
    seq2vec_encoder: { type: "bert_pooler", pretrained_model: name, dropout: 0.1 },
    namespace: "tags",
  },
  data_loader: { batch_sampler: { type: "bucket", sorting_keys: ["tokens"], batch_size: 32 } },
  trainer: {
    num_epochs: 10,
    validation_metric: "+accuracy",
    learning_rate_scheduler: {
      type: "slanted_triangular", num_epochs: 10, num_steps_per_epoch: 3088, cut_frac: 0.06,
    },
    optimizer: { type: "huggingface_adamw", lr: 2e-5, weight_decay: 0.1 },
  },
}
