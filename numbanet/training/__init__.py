"""Models and their training: Sequential, compile, fit, evaluate and predict."""
