"""Other libraries, one small module each; importing this imports none of them."""
