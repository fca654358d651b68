"""What AllenNLP's `common` had for the convenience of projects."""
