"""Windows over content that may share wordpieces: where they are cut, and what each says of a shared wordpiece."""
