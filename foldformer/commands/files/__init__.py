"""Commands about experiment files and what they can name; nothing is built."""
