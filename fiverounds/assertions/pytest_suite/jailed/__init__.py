"""What runs inside jails. Standard library and pytest only: nothing of fiverounds is visible there."""
