/* The short way from Python into a kernel: a built-in function that takes the operands themselves, and then n.

   What `kernels/entries.py` does for one kernel at a time, this does for all, told by a letter for each operand:
   f   an array of any shape, taken as a row of n elements
   1-9 a contiguous array with so many dimensions          A-I  one with strides
   d   a floating-point number                             i    an integer */
#ifndef NUMBANET_DIRECT_H
#define NUMBANET_DIRECT_H
#include <Python.h>
#include <stdint.h>
#include <string.h>

typedef void (*numbanet_kernel)(const uintptr_t *block, size_t start, size_t stop);

/* The beginning of NumPy's array objects, which its C ABI fixes; `kernels/direct.py` checks it. */
typedef struct {
    PyObject_HEAD
    char *data;
    int ndim;
    Py_ssize_t *shape, *strides;
} NumbanetArray;

enum { NUMBANET_OPERANDS = 24, NUMBANET_WORDS = 96 };

typedef struct {
    PyMethodDef method; /* first, so that the object's `self` finds the rest */
    numbanet_kernel kernel;
    Py_ssize_t count;
    char letters[NUMBANET_OPERANDS + 1], name[64];
} NumbanetDirect;

static inline size_t numbanet_pack(char letter, PyObject *operand, size_t n, uintptr_t *words) {
    const NumbanetArray *array = (const NumbanetArray *)operand;
    if (letter == 'd') {
        double number = PyFloat_AsDouble(operand);
        uint64_t bits;
        memcpy(&bits, &number, sizeof bits);
        words[0] = (uintptr_t)bits;
        return 1;
    }
    if (letter == 'i') {
        words[0] = (uintptr_t)PyLong_AsLongLong(operand);
        return 1;
    }
    words[0] = (uintptr_t)array->data;
    if (letter == 'f') {
        words[1] = n;
        return 2;
    }
    size_t ndim = (size_t)(letter < 'A' ? letter - '0' : letter - 'A' + 1);
    memcpy(words + 1, array->shape, ndim * sizeof *words);
    if (letter < 'A') return 1 + ndim;
    memcpy(words + 1 + ndim, array->strides, ndim * sizeof *words);
    return 1 + 2 * ndim;
}

static PyObject *numbanet_call(PyObject *self, PyObject *const *operands, Py_ssize_t count) {
    const NumbanetDirect *direct = (const NumbanetDirect *)PyCapsule_GetPointer(self, NULL);
    uintptr_t words[NUMBANET_WORDS];
    size_t at = 0;
    if (count != direct->count + 1) return PyErr_Format(PyExc_TypeError, "%s: wrong number of operands", direct->name);
    size_t n = PyLong_AsSize_t(operands[direct->count]);
    for (Py_ssize_t i = 0; i < direct->count; i++) at += numbanet_pack(direct->letters[i], operands[i], n, words + at);
    if (PyErr_Occurred()) return NULL;
    direct->kernel(words, 0, n);
    Py_RETURN_NONE;
}

static inline size_t numbanet_words_of(char letter) {
    if (letter == 'd' || letter == 'i') return 1;
    if (letter == 'f') return 2;
    return letter < 'A' ? 1 + (size_t)(letter - '0') : 1 + 2 * (size_t)(letter - 'A' + 1);
}

/* The function, which lives as long as the process, as kernels do. */
static PyObject *numbanet_make_direct(const char *name, uintptr_t kernel, const char *letters) {
    size_t count = strlen(letters), words = 0;
    for (const char *letter = letters; *letter; letter++) words += numbanet_words_of(*letter);
    if (count > NUMBANET_OPERANDS || words > NUMBANET_WORDS) Py_RETURN_NONE; /* they come in a block */
    NumbanetDirect *direct = (NumbanetDirect *)PyMem_Calloc(1, sizeof *direct);
    if (!direct) return PyErr_NoMemory();
    memcpy(direct->letters, letters, count);
    strncpy(direct->name, name, sizeof direct->name - 1);
    direct->count = (Py_ssize_t)count;
    direct->kernel = (numbanet_kernel)kernel;
    direct->method.ml_name = direct->name;
    direct->method.ml_meth = (PyCFunction)(void (*)(void))numbanet_call;
    direct->method.ml_flags = METH_FASTCALL;
    PyObject *self = PyCapsule_New(direct, NULL, NULL), *function = NULL;
    if (self) function = PyCFunction_New(&direct->method, self);
    Py_XDECREF(self);
    if (!function) PyMem_Free(direct);
    return function;
}
#endif
