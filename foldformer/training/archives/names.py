"""The names of files in a training folder and in an archive."""

ARCHIVE = "model.tar.gz"
CONFIG = "config.json"
META = "meta.json"
METRICS = "metrics.json"
VOCABULARY = "vocabulary"
WEIGHTS = "weights.safetensors"
BEST_WEIGHTS = "best.safetensors"
LEGACY_WEIGHTS = ("weights.th", "best.th")
PRETRAINED = "pretrained"
PRETRAINED_NAMES = "names.json"

RESERVED = (ARCHIVE, CONFIG, META, VOCABULARY, WEIGHTS, BEST_WEIGHTS, *LEGACY_WEIGHTS, PRETRAINED)
