"""Commands that projects add to AllenNLP's, and its functions that train from Python."""
