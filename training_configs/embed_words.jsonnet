// `foldformer embed INPUT --config training_configs/embed_words.jsonnet --output DIR`: a vector for every word.
// The model is named by --ext-vars '{"MODEL": "..."}' or by the environment variable MODEL.
{
  type: 'embed',
  model_name: std.extVar('MODEL'),
  max_length: 512,
  level: 'word',
}
