// Part-of-speech tagging, as AllenNLP 2.10.1 and this project both read it.
local model = std.extVar('MODEL');
{
  dataset_reader: {
    type: 'sequence_tagging',
    token_indexers: { tokens: { type: 'pretrained_transformer_mismatched', model_name: model, max_length: 512 } },
  },
  train_data_path: std.extVar('TRAIN'),
  validation_data_path: std.extVar('VALIDATION'),
  model: {
    type: 'simple_tagger',
    text_field_embedder: {
      token_embedders: { tokens: { type: 'pretrained_transformer_mismatched', model_name: model, max_length: 512 } },
    },
    encoder: { type: 'pass_through', input_dim: 384 },
  },
  data_loader: { batch_size: 16, shuffle: true },
  trainer: {
    num_epochs: 3,
    optimizer: { type: 'huggingface_adamw', lr: 5e-4 },
    validation_metric: '+accuracy',
    cuda_device: -1,
  },
}
