// Two tasks on one transformer: {"text": "...", "label": "..."} on every line of each task's files.
// foldformer train training_configs/multitask.jsonnet -s out
local model_name = std.extVar("MODEL_NAME");
local dim = std.parseInt(std.extVar("MODEL_DIM"));
local folder = std.extVar("DATA");
local reader = {
  type: "text_classification_json",
  tokenizer: { type: "pretrained_transformer", model_name: model_name },
  token_indexers: { tokens: { type: "pretrained_transformer", model_name: model_name } },
};
local head = { type: "classifier", seq2vec_encoder: { type: "cls_pooler", embedding_dim: dim }, dropout: 0.1 };
{
  dataset_reader: { type: "multitask", readers: { mood: reader, topic: reader } },
  train_data_path: { mood: folder + "/mood.jsonl", topic: folder + "/topic.jsonl" },
  validation_data_path: { mood: folder + "/mood_dev.jsonl", topic: folder + "/topic_dev.jsonl" },
  model: {
    type: "multitask",
    backbone: { type: "pretrained_transformer", model_name: model_name },
    heads: { mood: head, topic: head },
    arg_name_mapping: { backbone: { tokens: "text" } },
  },
  data_loader: { type: "multitask", scheduler: { type: "homogeneous_roundrobin", batch_size: 16 } },
  trainer: {
    num_epochs: 3,
    validation_metric: ["+mood_accuracy", "+topic_accuracy"],
    optimizer: { type: "adamw", lr: 2e-5 },
  },
}
