// The indexer and the embedder of plain_pytorch.py: one vector a word, whatever the tokenizer makes of it.
local shared = { model_name: std.extVar('MODEL_NAME'), max_length: 64 };

{
  indexer: { type: 'pretrained_transformer_mismatched' } + shared,
  embedder: { type: 'pretrained_transformer_mismatched', sub_token_mode: 'first' } + shared,
}
