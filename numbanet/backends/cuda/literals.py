"""Bodies with float32 literals: Numba takes a number in a body for 64 bits wide, which makes float32 arithmetic double.

On a CPU that costs little, and nothing where there are vectors (see `kernels.vectors`). A GPU for games has two units
for float64 beside 128 for float32 (CUDA C++ Programming Guide, arithmetic instructions): gelu in float64 would take
many times as long there as reading and writing its elements.
"""

import ast
import inspect
import textwrap
import types

import numpy as np


class _Narrowing(ast.NodeTransformer):
    """Every number becomes one of `float32`, but those in indices, and those that are made integers of a width."""

    def visit_Constant(self, node):
        return ast.Call(ast.Name("float", ast.Load()), [node], []) if type(node.value) in (int, float) else node

    def visit_Subscript(self, node):
        return node

    def visit_Call(self, node):
        if ast.unparse(node.func) in ("uint64", "np.uint64"):
            return node
        return self.generic_visit(node)


def with_narrow_literals(body):
    """A body that computes in float32 what it computes, instead of in what its literals are.

    Parameters
    ----------
    body : function
        A range body that has no integers but positions, and what it makes `uint64`.

    Returns
    -------
    function
    """
    tree = _Narrowing().visit(ast.parse(textwrap.dedent(inspect.getsource(body))))
    code = compile(ast.fix_missing_locations(tree), inspect.getsourcefile(body), "exec").co_consts[0]
    names = {name: np.float32(x) if type(x) is float else x for name, x in body.__globals__.items()}
    found = types.FunctionType(code, {**names, "float": np.float32}, body.__name__)
    found.__module__ = body.__module__
    return found
