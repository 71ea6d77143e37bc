"""Tables, plots and logs of finished numbers."""
