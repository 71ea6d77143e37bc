"""Shickel and Rashidi (2020), Sequential interpretability: the methods of their Table 1, compared."""
