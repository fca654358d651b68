"""The closed sets of names that commands, files and Python share, each spelt once; imports nothing."""

from typing import Literal

Level = Literal["wordpiece", "word", "span", "document"]
"""What gets a vector."""
Layers = Literal["last", "mix"]
"""Which layers make a vector: the last, or the mean of all."""
PieceMode = Literal["avg", "first", "last", "max"]
"""How the wordpieces of a word become one vector."""
DocumentMode = Literal["avg", "max", "sum", "first", "last", "cls", "cls_pooled", "attention", "model"]
"""How the wordpieces of a document become one vector: `cls` takes that of the special token which stands for all of it,
`cls_pooled` sends it through the transformer's own pooling layer, `attention` weighs by what was trained with the
transformer, `model` does as the model's `modules.json` says."""
RowMode = Literal["avg", "max", "sum", "first", "last"]
"""Those of them that ask for no more than the vectors of the wordpieces."""
SpanMode = Literal["avg", "max", "first", "last", "endpoints"]
"""How the wordpieces of a span become one vector; `endpoints` puts the first and the last beside each other."""
PoolMode = Literal["avg", "max", "sum", "first", "last", "endpoints"]
"""All of these."""
DtypeName = Literal["float32", "bfloat16", "float16", "auto"]
"""What a transformer computes in; `auto` is bfloat16 where the hardware computes in it, else float32."""
EmbeddingDtype = Literal["float32", "bfloat16", "float16", "auto", "int8"]
"""What embedding computes in; int8 is for OpenVINO alone."""
BackendName = Literal["auto", "torch", "openvino"]
"""What runs a transformer."""
InputFormat = Literal["text", "files", "jsonl", "csv", "tsv", "conllu", "parquet", "arrow"]
"""How inputs are read."""
ConlluUnit = Literal["auto", "document", "sentence"]
"""What a document is in CoNLL-U."""
OnError = Literal["fail", "skip"]
"""What happens to a record that cannot be embedded."""
StorageDtype = Literal["float16", "float32", "int8"]
"""What vectors are stored as."""
Cut = Literal["wordpiece", "word", "sentence", "even"]
"""Where a document may be cut into segments."""
OverlapMode = Literal["average", "max_context", "weighted"]
"""What becomes of the vectors of a wordpiece that several segments share."""
ExportTarget = Literal["npy", "arrow", "lance", "qdrant", "faiss"]
"""What vectors of a corpus are exported for."""
ExportLevel = Literal["span", "document"]
"""What has a row in an export: every vector, or the mean of every document's."""
