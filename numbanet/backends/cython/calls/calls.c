/* Calls that were made before: the launches that they once came to, run again on other operands.

    Step    one op: the words of its launches, where addresses belong among them, and what its result is
    Plan    the steps of one call of a function, in order, and which of their results it returns
    Call    calls a function, or runs the Plan that is known for operands of these layouts and these other arguments

Plans are made by numbanet.launching.plans, which says what they may hold. A Call finds its Plan by the layouts of the
operands (shape, strides and dtype: one object for all arrays that have them) and by the other arguments. What it does
for tensors it does on the fields of their objects; nothing here raises but memory errors, checks and listeners.

The fields of an array object are fixed by NumPy's C ABI, which `bind` checks once; NumPy's headers are not needed.
*/
#include "calls_sources.h"
#include "plans.h"
#include "structures.h"

typedef struct {
    PyObject_HEAD vectorcallfunc vectorcall;
    PyObject *function, *plans, *seen;
    unsigned long generation;
} Call;

/* What an argument that is no operand is in the key: another object for all that would do otherwise. NULL without an
error where no Plan can be found by it. True is not 1, and 0.0 is neither 0 nor -0.0. */
static PyObject *part_of_key(PyObject *x) {
    if (x == Py_None || PyLong_CheckExact(x) || PyUnicode_CheckExact(x) || Py_TYPE(x) == dtype_type)
        return Py_NewRef(x);
    if (PyBool_Check(x)) return Py_NewRef(x == Py_True ? true_key : false_key);
    if (PyFloat_CheckExact(x)) {
        const double number = PyFloat_AS_DOUBLE(x);
        return PyBytes_FromStringAndSize((const char *)&number, sizeof number);
    }
    if (!PyTuple_CheckExact(x)) return NULL;
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(x); i++)
        if (!PyLong_CheckExact(PyTuple_GET_ITEM(x, i))) return NULL;
    return Py_NewRef(x);
}

/* The parts of the key of a call; `operands` are its tensors, and those that its variables hold, new references. Returns
how many; NONE where no Plan can be found by such arguments, FAILED with an error. */
enum { NONE = -1, FAILED = -2 };

static Py_ssize_t fill_key(PyObject *key, PyObject *const *args, Py_ssize_t count, PyObject **operands) {
    Py_ssize_t found = 0;
    for (Py_ssize_t i = 0; i < count; i++) {
        PyObject *x = args[i], *part;
        if (Py_TYPE(x) == tensor_type || Py_TYPE(x) == variable_type) {
            operands[found] = Py_TYPE(x) == tensor_type ? Py_NewRef(x) : held_by(x);
            if (!operands[found]) goto failed;
            part = Py_XNewRef((PyObject *)tensor_layout(operands[found++]));
        } else
            part = part_of_key(x);
        if (!part) goto failed;
        PyTuple_SET_ITEM(key, i, part);
    }
    if (found) return found;
failed:
    while (found) Py_DECREF(operands[--found]);
    return PyErr_Occurred() ? FAILED : NONE;
}

static int tell_reads(PyObject *const *args, Py_ssize_t count, PyObject **operands) {
    if (!listeners_now()) return 0;
    for (Py_ssize_t i = 0, found = 0; i < count; i++) {
        if (Py_TYPE(args[i]) == variable_type && tell_read(args[i], operands[found]) < 0) return -1;
        found += Py_TYPE(args[i]) == variable_type || Py_TYPE(args[i]) == tensor_type;
    }
    return 0;
}

static PyObject *call_call(PyObject *self, PyObject *const *args, size_t flags, PyObject *names) {
    Call *own = (Call *)self;
    const Py_ssize_t places = PyVectorcall_NARGS(flags), named = names ? PyTuple_GET_SIZE(names) : 0;
    const Py_ssize_t count = places + named;
    if (is_blocked() || count > MOST_ARGUMENTS || !tensor_type)
        return PyObject_Vectorcall(own->function, args, flags, names);
    if (own->generation != generation) {
        PyDict_Clear(own->plans), PyDict_Clear(own->seen);
        own->generation = generation;
    }
    PyObject *operands[MOST_ARGUMENTS], *plan = NULL, *result = NULL, *key = PyTuple_New(count + (named > 0));
    if (!key) return NULL;
    if (named) PyTuple_SET_ITEM(key, count, Py_NewRef(names));
    const Py_ssize_t found = fill_key(key, args, count, operands);
    if (found > 0) plan = PyDict_GetItemWithError(own->plans, key);
    if (found == FAILED || PyErr_Occurred()) {
        /* the error is the result */
    } else if (plan && plan != Py_None && ((Plan *)plan)->generation == generation) {
        Py_INCREF(plan); /* a listener may have it dropped */
        if (tell_reads(args, count, operands) == 0) result = run_plan((Plan *)plan, operands);
        Py_DECREF(plan);
    } else if (plan || found == NONE)
        result = PyObject_Vectorcall(own->function, args, flags, names);
    else {
        PyObject *told[MOST_ARGUMENTS + 2] = {self, key};
        memcpy(told + 2, args, (size_t)count * sizeof(PyObject *));
        result = PyObject_Vectorcall(missed, told, (size_t)places + 2, names);
    }
    for (Py_ssize_t i = 0; i < found; i++) Py_DECREF(operands[i]);
    Py_DECREF(key);
    return result;
}

static PyObject *call_new(PyTypeObject *type, PyObject *args, PyObject *kwargs) {
    PyObject *function;
    (void)kwargs;
    if (!PyArg_ParseTuple(args, "O", &function)) return NULL;
    Call *made = (Call *)type->tp_alloc(type, 0);
    if (!made) return NULL;
    made->vectorcall = call_call, made->generation = generation;
    made->function = Py_NewRef(function), made->plans = PyDict_New(), made->seen = PyDict_New();
    if (!made->plans || !made->seen) Py_CLEAR(made);
    return (PyObject *)made;
}

static void call_free(PyObject *self) {
    Call *own = (Call *)self;
    PyObject_GC_UnTrack(self);
    Py_XDECREF(own->function), Py_XDECREF(own->plans), Py_XDECREF(own->seen);
    Py_TYPE(self)->tp_free(self);
}

static int call_traverse(PyObject *self, visitproc visit, void *arg) {
    Py_VISIT(((Call *)self)->function);
    Py_VISIT(((Call *)self)->plans);
    Py_VISIT(((Call *)self)->seen);
    return 0;
}

static PyMemberDef call_members[] = {
    {"function", T_OBJECT, offsetof(Call, function), READONLY, "What is called where there is no Plan."},
    {"plans", T_OBJECT, offsetof(Call, plans), READONLY, "From a key to its Plan, or None: never one."},
    {"seen", T_OBJECT, offsetof(Call, seen), READONLY, "From a key to how often it was called without a Plan."},
    {NULL, 0, 0, 0, NULL},
};

static PyObject *in_snapshots(PyObject *self, PyObject *unused) {
    (void)self, (void)unused;
    return PyTuple_New(0);
}

static PyMethodDef call_methods[] = {
    {"in_snapshots", in_snapshots, METH_NOARGS,
     "What a snapshot compares besides its identity: nothing, it only remembers what calls come to."},
    {NULL, NULL, 0, NULL},
};

static PyTypeObject call_type = {
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "numbanet.backends.cython._calls.Call",
    .tp_basicsize = sizeof(Call),
    .tp_dealloc = call_free,
    .tp_traverse = call_traverse,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_HAVE_VECTORCALL,
    .tp_vectorcall_offset = offsetof(Call, vectorcall),
    .tp_call = PyVectorcall_Call,
    .tp_members = call_members,
    .tp_methods = call_methods,
    .tp_new = call_new,
    .tp_doc = "Call(function): calls it, or runs the Plan that is known for such arguments.",
};

static Py_ssize_t slot_of(PyTypeObject *type, const char *name) {
    PyObject *found = PyObject_GetAttrString((PyObject *)type, name);
    if (!found) return -1;
    Py_ssize_t offset = -1;
    if (Py_TYPE(found) == &PyMemberDescr_Type) offset = ((PyMemberDescrObject *)found)->d_member->offset;
    Py_DECREF(found);
    if (offset < 0) PyErr_Format(PyExc_TypeError, "%s is no slot", name);
    return offset;
}

static PyObject *bind(PyObject *self, PyObject *args) {
    PyObject *tensor, *variable, *probe, *functions, *miss, *large, *bytes;
    (void)self;
    if (!PyArg_ParseTuple(args, "OOOOOOO", &tensor, &variable, &probe, &functions, &miss, &large, &bytes)) return NULL;
    const Py_ssize_t held = slot_of((PyTypeObject *)tensor, "_array"), kept = slot_of((PyTypeObject *)tensor, "_layout");
    held_slot = slot_of((PyTypeObject *)variable, "_held");
    void **api = PyCapsule_GetPointer(functions, NULL);
    if (held < 0 || kept < 0 || held_slot < 0 || !api) return NULL;
    PyObject *descr = PyObject_GetAttrString(probe, "dtype"); /* of zeros((3, 2)) */
    const Array *fields = (Array *)probe;
    if (!descr || fields->descr != descr || fields->nd != 2 || fields->dims[0] != 3 || fields->strides[0] != 16) {
        Py_XDECREF(descr);
        PyErr_SetString(PyExc_ImportError, "arrays are not laid out as expected");
        return NULL;
    }
    array_slot = held, layout_slot = kept;
    new_array = (new_array_function)api[NEW_ARRAY], set_base = (set_base_function)api[SET_BASE];
    array_type = Py_TYPE(probe), dtype_type = Py_TYPE(descr);
    variable_type = (PyTypeObject *)Py_NewRef(variable);
    missed = Py_NewRef(miss), run_large = Py_NewRef(large), bytes_dtype = Py_NewRef(bytes);
    tensor_type = (PyTypeObject *)Py_NewRef(tensor);
    Py_DECREF(descr);
    Py_RETURN_NONE;
}

static PyObject *bind_tape(PyObject *self, PyObject *tape) {
    PyTypeObject *type = (PyTypeObject *)tape;
    (void)self;
    tracked_slot = slot_of(type, "_tracked"), entries_slot = slot_of(type, "_entries"), cut_slot = slot_of(type, "_cut");
    variables_slot = slot_of(type, "_variables");
    if (tracked_slot < 0 || entries_slot < 0 || cut_slot < 0 || variables_slot < 0) return NULL;
    tape_type = (PyTypeObject *)Py_NewRef(tape);
    Py_RETURN_NONE;
}

static const char AROUND[] = "numbanet.around";

static void forget(PyObject *capsule) {
    Around *gone = PyCapsule_GetPointer(capsule, AROUND);
    if (around == gone) around = NULL;
    Py_XDECREF(gone->listeners);
    PyMem_Free(gone);
}

/* Python clears the dictionary of a thread when the thread ends, and what is noted of it goes as well. */
static int begin_thread(void) {
    PyObject *threads_own = PyThreadState_GetDict(), *capsule;
    Around *made = PyMem_Calloc(1, sizeof(Around));
    if (!threads_own || !made) {
        PyMem_Free(made);
        return PyErr_NoMemory(), -1;
    }
    capsule = PyCapsule_New(made, AROUND, forget);
    if (!capsule) {
        PyMem_Free(made);
        return -1;
    }
    around = made;
    const int failed = PyDict_SetItemString(threads_own, AROUND, capsule);
    Py_DECREF(capsule);
    return failed;
}

static PyObject *note(PyObject *self, PyObject *args) {
    PyObject *told;
    int block;
    (void)self;
    if (!PyArg_ParseTuple(args, "O!p", &PyTuple_Type, &told, &block)) return NULL;
    if (!around && begin_thread() < 0) return NULL;
    PyObject *before = around->listeners;
    around->listeners = PyTuple_GET_SIZE(told) ? Py_NewRef(told) : NULL;
    around->blocked = block;
    Py_XDECREF(before);
    Py_RETURN_NONE;
}

static PyObject *current_generation(PyObject *self, PyObject *unused) {
    (void)self, (void)unused;
    return PyLong_FromUnsignedLong(generation);
}

static PyObject *drop(PyObject *self, PyObject *unused) {
    (void)self, (void)unused;
    generation++;
    Py_RETURN_NONE;
}

static PyMethodDef methods[] = {
    {"bind", bind, METH_VARARGS, "bind(Tensor, Variable, probe, functions of NumPy, missed, run_large, uint8)"},
    {"bind_tape", bind_tape, METH_O, "bind_tape(GradientTape): tapes of this type are written to without Python."},
    {"note", note, METH_VARARGS, "note(listeners, blocked): what holds in this thread from now on."},
    {"structure", structure, METH_VARARGS,
     "structure(entries, seeds, wanted): a key of what a tape does, and its tensors in order; None where there is none."},
    {"generation", current_generation, METH_NOARGS, "Which generation of Plans is run now."},
    {"drop", drop, METH_NOARGS, "No Plan that there is is run any more."},
    {NULL, NULL, 0, NULL},
};
static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "_calls", NULL, -1, methods, NULL, NULL, NULL, NULL};

PyMODINIT_FUNC PyInit__calls(void) {
    PyObject *made = PyModule_Create(&module);
    if (!made) return NULL;
    tensor_name = PyUnicode_InternFromString("_tensor"), record_name = PyUnicode_InternFromString("record");
    record_variable_name = PyUnicode_InternFromString("record_variable");
    true_key = PyBytes_FromString("True"), false_key = PyBytes_FromString("False");
    if (!tensor_name || !record_name || !record_variable_name || !true_key || !false_key || PyType_Ready(&layout_type) < 0 ||
        PyModule_AddType(made, &step_type) < 0 || PyModule_AddType(made, &plan_type) < 0 ||
        PyModule_AddType(made, &call_type) < 0 || PyModule_AddStringConstant(made, "SOURCES", CALLS_SOURCES) < 0)
        Py_CLEAR(made);
    return made;
}
