"""The `script` assertion: an integration script of the bench, or any command."""
