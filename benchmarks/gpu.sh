#!/usr/bin/env bash
# Measure a GPU on a machine with torch, transformers and sentence-transformers, where nothing can be fetched.
#
#     benchmarks/gpu.sh [WHEELS [ARGUMENT...]]
#
# WHEELS is a folder with those of what is missing there (overrides, jsonnet, and foldformer
# itself, which names its components by entry points), for its Python; other arguments go to
# `python -m benchmarks.gpu`. About seven minutes on one H100.
set -euo pipefail
cd "$(dirname "$0")/.."
site=$(mktemp -d)
trap 'rm -rf "$site"' EXIT
if [ $# -gt 0 ]; then
  python3 -m pip install --quiet --no-index --no-deps --target "$site" "$1"/*.whl
  shift
fi
PYTHONPATH="$PWD:$site" HF_HUB_OFFLINE=1 PYTHONUNBUFFERED=1 python3 -m benchmarks.gpu "$@"
