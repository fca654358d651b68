// `foldformer embed INPUT --config training_configs/embed_words.jsonnet --output DIR`: a vector for every word.
// The model is named by --ext-vars '{"MODEL_NAME": "..."}' or by the environment variable MODEL_NAME.
{
  type: 'embed',
  model_name: std.extVar('MODEL_NAME'),
  max_length: 512,
  level: 'word',
}
