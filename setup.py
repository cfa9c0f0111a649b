"""The build is described in pyproject.toml; this file is where compiled extensions will be declared."""

from setuptools import setup

setup()
