/* The structure of what a tape holds, as a key for the Plan of its backward pass. */
#ifndef NUMBANET_STRUCTURES_H
#define NUMBANET_STRUCTURES_H

#include "layouts.h"

#define MOST_TENSORS 256
#define PLACES 1024

typedef struct {
    PyObject *tensors[MOST_TENSORS];
    Py_ssize_t count;
    int16_t places[PLACES]; /* 1 + the number of a tensor, by its address */
    int64_t *words;
    size_t length, room;
} Structure;

static int put(Structure *own, int64_t word) {
    if (own->length == own->room) {
        own->room = 2 * own->room + 256;
        int64_t *more = PyMem_Realloc(own->words, own->room * sizeof(int64_t));
        if (!more) return PyErr_NoMemory(), -1;
        own->words = more;
    }
    own->words[own->length++] = word;
    return 0;
}

static size_t place_of(const Structure *own, const PyObject *x) {
    size_t place = ((uintptr_t)x >> 4) * 2654435761u % PLACES;
    while (own->places[place] && own->tensors[own->places[place] - 1] != x) place = (place + 1) % PLACES;
    return place;
}

/* Put the number of a tensor into the key, and its layout when it comes for the first time; -1 without an error where
there is no Plan for such tensors. */
static int put_tensor(Structure *own, PyObject *x) {
    const size_t place = place_of(own, x);
    if (own->places[place]) return put(own, own->places[place] - 1);
    Layout *layout = Py_TYPE(x) == tensor_type ? tensor_layout(x) : NULL;
    if (!layout || own->count == MOST_TENSORS) return -1;
    own->tensors[own->count] = x;
    own->places[place] = (int16_t)++own->count;
    return put(own, own->count - 1) || put(own, (int64_t)(intptr_t)layout) ? -1 : 0;
}

static int put_entry(Structure *own, PyObject *entry) {
    if (!PyTuple_CheckExact(entry) || PyTuple_GET_SIZE(entry) != 4) return -1;
    PyObject *inputs = PyTuple_GET_ITEM(entry, 1), *params = PyTuple_GET_ITEM(entry, 2);
    if (!PyTuple_CheckExact(inputs) && !PyList_CheckExact(inputs)) return -1;
    const Py_ssize_t count = PySequence_Fast_GET_SIZE(inputs);
    const int plain = PyDict_CheckExact(params) && PyDict_GET_SIZE(params) == 0;
    if (put(own, (int64_t)(intptr_t)PyTuple_GET_ITEM(entry, 0)) || put(own, plain ? 0 : (int64_t)(intptr_t)params) ||
        put(own, count))
        return -1;
    for (Py_ssize_t i = 0; i < count; i++)
        if (put_tensor(own, PySequence_Fast_GET_ITEM(inputs, i))) return -1;
    return put_tensor(own, PyTuple_GET_ITEM(entry, 3));
}

static int put_all(Structure *own, PyObject *entries, PyObject *seeds, PyObject *wanted) {
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(entries); i++)
        if (put_entry(own, PyList_GET_ITEM(entries, i))) return -1;
    if (put(own, PyList_GET_SIZE(seeds))) return -1;
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(seeds); i++) {
        PyObject *pair = PyList_GET_ITEM(seeds, i);
        if (put_tensor(own, PyTuple_GET_ITEM(pair, 0)) || put_tensor(own, PyTuple_GET_ITEM(pair, 1))) return -1;
    }
    uint8_t marks[MOST_TENSORS] = {0};
    PyObject *number;
    Py_hash_t hash;
    Py_ssize_t at = 0;
    while (_PySet_NextEntry(wanted, &at, &number, &hash)) {
        const size_t place = place_of(own, PyLong_AsVoidPtr(number));
        if (own->places[place]) marks[own->places[place] - 1] = 1;
    }
    for (Py_ssize_t i = 0; i < own->count; i++)
        if (put(own, marks[i])) return -1;
    return 0;
}

static PyObject *structure(PyObject *self, PyObject *args) {
    PyObject *entries, *seeds, *wanted, *result = NULL;
    (void)self;
    if (!PyArg_ParseTuple(args, "O!O!O!", &PyList_Type, &entries, &PyList_Type, &seeds, &PySet_Type, &wanted)) return NULL;
    if (is_blocked() || listeners_now() || !tensor_type) Py_RETURN_NONE;
    Structure own;
    own.count = 0, own.words = NULL, own.length = own.room = 0;
    memset(own.places, 0, sizeof own.places);
    if (put_all(&own, entries, seeds, wanted) < 0) {
        if (!PyErr_Occurred()) result = Py_NewRef(Py_None);
    } else {
        PyObject *key = PyBytes_FromStringAndSize((char *)own.words, (Py_ssize_t)(own.length * sizeof(int64_t)));
        PyObject *tensors = PyTuple_New(own.count);
        for (Py_ssize_t i = 0; tensors && i < own.count; i++) PyTuple_SET_ITEM(tensors, i, Py_NewRef(own.tensors[i]));
        if (key && tensors) result = PyTuple_Pack(2, key, tensors);
        Py_XDECREF(key), Py_XDECREF(tensors);
    }
    PyMem_Free(own.words);
    return result;
}

#endif
