// What lightning_features.py trains, and later freezes: override `embedder.train_parameters` to get the frozen one.
local shared = { model_name: std.extVar('MODEL_NAME'), max_length: 64 };

{
  tokenizer: { type: 'pretrained_transformer', model_name: shared.model_name },
  indexer: { type: 'pretrained_transformer' } + shared,
  embedder: { type: 'pretrained_transformer', train_parameters: true, last_layer_only: false } + shared,
}
