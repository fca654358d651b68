"""The encoder for Ludwig by the name that its files and users know best; see `foldformer.integrations.ludwig`."""

from foldformer.integrations.ludwig import FoldformerEncoder as FoldformerEncoder
