"""The reproduction: a plan of training runs that survives interruption, and the tables and figures drawn from them."""
