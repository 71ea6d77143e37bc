"""The figures of Chormai (2018), and some beyond."""
