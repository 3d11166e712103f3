def check_solution() -> None:
    """Stands for a test: pytest does not collect it."""
