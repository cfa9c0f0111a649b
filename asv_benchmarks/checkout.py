"""Commits for asv without an index of packages: this interpreter, and a checkout of each commit on its path.

asv's own environments install everything anew with pip, which needs a network. Here, what numbanet depends on is what
runs asv: only numbanet differs from commit to commit, so only numbanet is measured.
"""

import os
import sys

from asv.environment import Environment


class Checkout(Environment):
    """asv's environment "checkout": the interpreter that runs asv, with a commit's files first on its path."""

    tool_name = "checkout"
    matches_python_fallback = False

    def __init__(self, conf, python, requirements, tagged_env_vars):
        self._requirements = requirements  # the base class reads it before it sets it
        self._python = python
        super().__init__(conf, python, requirements, tagged_env_vars)

    @classmethod
    def matches(cls, python):
        """Whether this can be the Python that was asked for: it is always the one that runs asv."""
        return True

    def check_presence(self):
        """There is nothing to create but the folder of the checkout."""
        return os.path.isdir(self._path)

    def _setup(self):
        os.makedirs(self._path)

    def find_executable(self, executable):
        """Python is this one; others are looked up as usual."""
        return sys.executable if executable == "python" else super().find_executable(executable)

    def install_project(self, conf, repo, commit_hash):
        """Check a commit out, and run the build command there: the compiled extension lies beside its sources."""
        if self.installed_commit_hash != commit_hash:
            self._set_installed_commit_hash(None)
            self.checkout_project(repo, commit_hash)
            self._set_build_dirs(self._build_root, None)
            self._build_project(repo, commit_hash, self._build_root)
            self._set_installed_commit_hash(commit_hash)
        self._set_commit_hash(commit_hash)

    def run_executable(self, executable, args, **kwargs):
        """Run it, and say where the checkout is: asv takes what PYTHONPATH names off Python's path again."""
        env = dict(kwargs.pop("env", os.environ), NUMBANET_BENCHMARKED=self._build_root)
        return super().run_executable(executable, args, env=env, **kwargs)

    def run(self, args, **kwargs):
        """Run Python."""
        return self.run_executable("python", args, **kwargs)
