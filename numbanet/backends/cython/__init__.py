"""What compiles the bodies ahead of time, with Cython, and the modules that come out of it.

`numbanet.loops` and `numbanet.backends.native.drivers` are compiled as they stand. The files here add types to them:
`<module>.pxd` declares each body of a module, and `common.pxd` what bodies call. `generate` puts them together.
"""
