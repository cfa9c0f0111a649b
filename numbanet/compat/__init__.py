"""Functions with the names and parameters of NumPy, TensorFlow and Keras, made of numbanet's own.

They are for readers who come with code of these libraries. A name whose meaning and parameters are those of a function
that numbanet has anyway is an entry in `numbanet.aliases` instead, and no function here.
"""
