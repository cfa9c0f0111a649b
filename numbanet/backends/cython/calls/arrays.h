/* What is known of the objects of NumPy and numbanet, and what holds in this thread. */
#ifndef NUMBANET_ARRAYS_H
#define NUMBANET_ARRAYS_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <stdint.h>
#include <string.h>
#include <structmember.h>

#if defined(_MSC_VER)
#define THREAD_LOCAL __declspec(thread)
#else
#define THREAD_LOCAL _Thread_local
#endif

#define MOST_ARGUMENTS 8
#define MOST_VALUES 48
#define MOST_REGIONS 24
#define MOST_WORDS 512
#define STACK_BYTES 4096
#define LINE_BYTES 64
#define LARGE_BYTES 65536 /* both as in kernels.memory */

typedef struct {
    PyObject_HEAD char *data;
    int nd;
    Py_ssize_t *dims, *strides;
    PyObject *base, *descr;
    int flags;
} Array;

typedef PyObject *(*new_array_function)(PyTypeObject *, PyObject *, int, const Py_ssize_t *, const Py_ssize_t *, void *,
                                        int, PyObject *);
typedef int (*set_base_function)(PyObject *, PyObject *);
typedef void (*launch_function)(const int64_t *, size_t, size_t);

enum { NEW_ARRAY = 94, SET_BASE = 282, WRITEABLE = 0x400 }; /* of NumPy's table of functions, and of its flags */

static PyTypeObject *tensor_type, *variable_type, *array_type, *dtype_type;
static PyObject *missed, *run_large, *bytes_dtype, *tensor_name, *record_name, *record_variable_name, *true_key, *false_key;
static PyTypeObject *tape_type;
static Py_ssize_t array_slot, layout_slot, held_slot, tracked_slot, entries_slot, cut_slot, variables_slot;
static new_array_function new_array;
static set_base_function set_base;
static unsigned long generation = 1;

/* What goes on around ops in a thread; it goes away with the thread, see `note`. */
typedef struct {
    PyObject *listeners; /* NULL for none */
    int blocked;
} Around;
static THREAD_LOCAL Around *around;

static PyObject *listeners_now(void) { return around ? around->listeners : NULL; }
static int is_blocked(void) { return around && around->blocked; }

#define SLOT(object, offset) (*(PyObject **)((char *)(object) + (offset)))

#endif
