/* Layouts: shape, strides and dtype, one object for all arrays that have them. */
#ifndef NUMBANET_LAYOUTS_H
#define NUMBANET_LAYOUTS_H

#include "arrays.h"

typedef struct Layout {
    PyObject_HEAD struct Layout *next;
    Py_uhash_t hash;
    PyObject *descr;
    Py_ssize_t nd, sizes[]; /* the shape, then the strides */
} Layout;

#define BUCKETS 1024
static Layout *table[BUCKETS];

static void layout_free(PyObject *self) {
    Layout *own = (Layout *)self, **place = &table[own->hash % BUCKETS];
    while (*place != own) place = &(*place)->next;
    *place = own->next;
    Py_DECREF(own->descr);
    PyObject_Free(self);
}

static PyTypeObject layout_type = {
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "numbanet.backends.cython._calls.Layout",
    .tp_basicsize = sizeof(Layout),
    .tp_dealloc = layout_free,
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_doc = "Shape, strides and dtype of arrays: one object for all that have the same.",
};

static int has_layout(const Array *x, const Layout *layout) {
    const size_t bytes = (size_t)x->nd * sizeof(Py_ssize_t);
    return x->descr == layout->descr && x->nd == layout->nd && !memcmp(x->dims, layout->sizes, bytes) &&
           !memcmp(x->strides, layout->sizes + x->nd, bytes);
}

static Layout *layout_of(const Array *x) {
    Py_uhash_t hash = (Py_uhash_t)((uintptr_t)x->descr >> 4);
    for (int d = 0; d < x->nd; d++)
        hash = (hash * 1000003u ^ (Py_uhash_t)x->dims[d]) * 1000003u ^ (Py_uhash_t)x->strides[d];
    hash ^= hash >> 17;
    for (Layout *one = table[hash % BUCKETS]; one; one = one->next)
        if (one->hash == hash && has_layout(x, one)) {
            Py_INCREF(one);
            return one;
        }
    Layout *made = PyObject_Malloc(sizeof(Layout) + 2 * (size_t)x->nd * sizeof(Py_ssize_t));
    if (!made) return (Layout *)PyErr_NoMemory();
    PyObject_Init((PyObject *)made, &layout_type);
    made->hash = hash, made->nd = x->nd, made->descr = x->descr;
    Py_INCREF(made->descr);
    memcpy(made->sizes, x->dims, (size_t)x->nd * sizeof(Py_ssize_t));
    memcpy(made->sizes + x->nd, x->strides, (size_t)x->nd * sizeof(Py_ssize_t));
    made->next = table[hash % BUCKETS];
    return table[hash % BUCKETS] = made;
}

/* The layout of a tensor on the host, borrowed; the one that it keeps is compared with its array, whose shape its owner
may have changed. NULL without an error for a tensor on a device. */
static Layout *tensor_layout(PyObject *tensor) {
    Array *x = (Array *)SLOT(tensor, array_slot);
    if (!x || Py_TYPE(x) != array_type) return NULL;
    Layout *kept = (Layout *)SLOT(tensor, layout_slot);
    if (kept && has_layout(x, kept)) return kept;
    Layout *found = layout_of(x);
    if (found) {
        SLOT(tensor, layout_slot) = (PyObject *)found;
        Py_XDECREF(kept);
    }
    return found;
}

static PyObject *tensor_of(PyObject *array, Layout *layout) { /* takes over the array */
    PyObject *made = tensor_type->tp_alloc(tensor_type, 0);
    if (!made) {
        Py_DECREF(array);
        return NULL;
    }
    SLOT(made, array_slot) = array;
    Py_INCREF(layout);
    SLOT(made, layout_slot) = (PyObject *)layout;
    return made;
}

#endif
