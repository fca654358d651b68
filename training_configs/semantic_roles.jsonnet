// Find the arguments of each verb: the files *gold_conll of OntoNotes 5.0, with a BERT.
local model_name = std.extVar("MODEL_NAME");
local folder = std.extVar("DATA");
{
  dataset_reader: { type: "srl", bert_model_name: model_name },
  train_data_path: folder + "/train.gold_conll",
  validation_data_path: folder + "/dev.gold_conll",
  model: { type: "srl_bert", bert_model: model_name, embedding_dropout: 0.1 },
  data_loader: { batch_sampler: { type: "bucket", batch_size: 32, sorting_keys: ["tokens"] } },
  trainer: {
    num_epochs: 10,
    validation_metric: "+f1-measure-overall",
    grad_norm: 1.0,
    optimizer: { type: "huggingface_adamw", lr: 5e-5, weight_decay: 0.01 },
    learning_rate_scheduler: { type: "slanted_triangular" },
  },
}
