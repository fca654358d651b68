"""How a document's vectors become one, where more than those of its content is asked for.

special     the special tokens at both ends, or the one that stands for the text
attention   weights that were trained with the transformer
model       what the files of a model say
"""
