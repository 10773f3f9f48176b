"""Links to other cells through a message broker: sealed for the recipient, kept until it says that it has them."""
