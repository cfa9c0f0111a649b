/* Steps: one op each, its launches with the places of addresses, and what its result is. */
#ifndef NUMBANET_STEPS_H
#define NUMBANET_STEPS_H

#include "layouts.h"

typedef struct {
    int64_t word, region, offset;
} Patch;
typedef struct {
    int64_t function, start, n;
} Launch;

/* What a step's result is: an input, a view of one, or new; a new one whose source is 1 is a part of its memory. */
enum { SAME, VIEW, FRESH };

typedef struct {
    PyObject_HEAD PyObject *op, *params, *keep, *large; /* large: of each launch, None or (function, cost) */
    Layout *layout;
    int64_t *words, *tables, *temporaries;
    Patch *patches;
    Launch *launches;
    Py_ssize_t word_count, table_count, temporary_count, patch_count, launch_count, input_count;
    int kind, source, writeable, differentiable, inputs[MOST_ARGUMENTS];
    Py_ssize_t offset, bytes, scratch;
} Step;

static int copy_words(PyObject *given, void **target, Py_ssize_t size, Py_ssize_t *count) {
    char *from;
    Py_ssize_t length;
    if (PyBytes_AsStringAndSize(given, &from, &length) < 0) return -1;
    *count = length / size;
    *target = PyMem_Malloc((size_t)length + 1);
    if (!*target) return PyErr_NoMemory(), -1;
    memcpy(*target, from, (size_t)length);
    return 0;
}

static PyObject *step_new(PyTypeObject *type, PyObject *args, PyObject *kwargs) {
    PyObject *op, *params, *inputs, *out, *keep, *large, *words, *tables, *temporaries, *patches, *launches;
    int kind, source, flags;
    Py_ssize_t offset, bytes;
    (void)kwargs;
    if (!PyArg_ParseTuple(args, "OOO!OOO!iiinnSSSSS", &op, &params, &PyTuple_Type, &inputs, &out, &keep, &PyTuple_Type,
                          &large, &kind, &source, &flags, &offset, &bytes, &words, &tables, &temporaries, &patches,
                          &launches))
        return NULL;
    Step *made = (Step *)type->tp_alloc(type, 0);
    if (!made) return NULL;
    made->op = Py_NewRef(op), made->params = Py_NewRef(params), made->keep = Py_NewRef(keep);
    made->large = Py_NewRef(large);
    made->kind = kind, made->source = source, made->offset = offset, made->bytes = bytes;
    made->writeable = flags & 1, made->differentiable = flags >> 1;
    made->input_count = PyTuple_GET_SIZE(inputs);
    made->layout = Py_TYPE(out) == array_type ? layout_of((Array *)out) : NULL;
    if (!made->layout || copy_words(words, (void **)&made->words, sizeof(int64_t), &made->word_count) ||
        copy_words(tables, (void **)&made->tables, sizeof(int64_t), &made->table_count) ||
        copy_words(temporaries, (void **)&made->temporaries, sizeof(int64_t), &made->temporary_count) ||
        copy_words(patches, (void **)&made->patches, sizeof(Patch), &made->patch_count) ||
        copy_words(launches, (void **)&made->launches, sizeof(Launch), &made->launch_count))
        goto failed;
    if (made->input_count > MOST_ARGUMENTS || made->word_count > MOST_WORDS ||
        made->input_count + 1 + made->temporary_count + made->table_count > MOST_REGIONS ||
        PyTuple_GET_SIZE(large) != made->launch_count)
        goto refused;
    for (Py_ssize_t i = 0; i < made->input_count; i++)
        made->inputs[i] = (int)PyLong_AsLong(PyTuple_GET_ITEM(inputs, i));
    for (Py_ssize_t i = 0; i < made->temporary_count; i++) made->scratch += (made->temporaries[i] + 63) / 64 * 64;
    if (PyErr_Occurred()) goto failed;
    return (PyObject *)made;
refused:
    PyErr_SetString(PyExc_ValueError, "a step of more operands, memory or launches than Plans hold");
failed:
    Py_DECREF(made);
    return NULL;
}

static void step_free(PyObject *self) {
    Step *own = (Step *)self;
    Py_XDECREF(own->op), Py_XDECREF(own->params), Py_XDECREF(own->keep), Py_XDECREF(own->large);
    Py_XDECREF(own->layout);
    PyMem_Free(own->words), PyMem_Free(own->tables), PyMem_Free(own->temporaries);
    PyMem_Free(own->patches), PyMem_Free(own->launches);
    Py_TYPE(self)->tp_free(self);
}

static PyTypeObject step_type = {
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "numbanet.backends.cython._calls.Step",
    .tp_basicsize = sizeof(Step),
    .tp_dealloc = step_free,
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_new = step_new,
    .tp_doc = "Step(op, params, inputs, out, keep, large, kind, source, flags, offset, bytes, words, tables, "
              "temporaries, patches, launches); see numbanet.launching.plans.",
};

/* A new array of a layout: in memory of its own, or at an address in the memory of `base`. */
static PyObject *array_with(const Layout *layout, char *data, int flags, PyObject *base) {
    Py_INCREF(layout->descr); /* NumPy takes it over */
    PyObject *made = new_array(array_type, layout->descr, (int)layout->nd, layout->sizes,
                               data ? layout->sizes + layout->nd : NULL, data, flags, NULL);
    if (made && base) {
        Py_INCREF(base); /* likewise */
        if (set_base(made, base) < 0) Py_CLEAR(made);
    }
    return made;
}

/* Memory for the result; large results begin at a cache line, as those of `kernels.memory.empty` do. */
static PyObject *fresh(const Step *step) {
    const int large = step->bytes >= LARGE_BYTES;
    if (step->source == 0 && !large) return array_with(step->layout, NULL, 0, NULL);
    const Py_ssize_t room = step->bytes + (large ? LINE_BYTES : 0);
    Py_INCREF(bytes_dtype);
    PyObject *memory = new_array(array_type, bytes_dtype, 1, &room, NULL, NULL, 0, NULL), *made = NULL;
    if (memory) {
        char *data = ((Array *)memory)->data;
        if (large) data += (LINE_BYTES - (uintptr_t)data % LINE_BYTES) % LINE_BYTES;
        made = array_with(step->layout, data + step->offset, WRITEABLE, memory);
    }
    Py_XDECREF(memory);
    return made;
}

static int launch_all(const Step *step, const int64_t *words) {
    for (Py_ssize_t i = 0; i < step->launch_count; i++) {
        const Launch *one = &step->launches[i];
        PyObject *large = PyTuple_GET_ITEM(step->large, i);
        if (large == Py_None) {
            ((launch_function)(uintptr_t)one->function)(words + one->start, 0, (size_t)one->n);
            continue;
        }
        PyObject *done = PyObject_CallFunction(run_large, "OOnn", PyTuple_GET_ITEM(large, 0), PyTuple_GET_ITEM(large, 1),
                                               (Py_ssize_t)(intptr_t)(words + one->start), (Py_ssize_t)one->n);
        if (!done) return -1;
        Py_DECREF(done);
    }
    return 0;
}

/* The array that a step makes of its inputs, a new reference. */
static PyObject *run_step(const Step *step, PyObject **arrays) {
    if (step->kind == SAME) return Py_NewRef(arrays[step->source]);
    if (step->kind == VIEW) {
        Array *of = (Array *)arrays[step->source];
        const int flags = step->writeable ? of->flags & WRITEABLE : 0;
        return array_with(step->layout, of->data + step->offset, flags, (PyObject *)of);
    }
    PyObject *out = fresh(step);
    if (!out) return NULL;
    char stack[STACK_BYTES + 64], *heap = NULL, *place = stack;
    if (step->scratch > STACK_BYTES) {
        place = heap = PyMem_Malloc((size_t)step->scratch + 64);
        if (!heap) {
            Py_DECREF(out);
            return PyErr_NoMemory();
        }
    }
    int64_t words[MOST_WORDS], at[MOST_REGIONS];
    Py_ssize_t region = 0;
    for (; region < step->input_count; region++) at[region] = (int64_t)(intptr_t)((Array *)arrays[region])->data;
    at[region++] = (int64_t)(intptr_t)((Array *)out)->data - step->offset;
    place += (64 - (uintptr_t)place % 64) % 64;
    for (Py_ssize_t i = 0; i < step->temporary_count; i++) {
        at[region++] = (int64_t)(intptr_t)place;
        place += (step->temporaries[i] + 63) / 64 * 64;
    }
    for (Py_ssize_t i = 0; i < step->table_count; i++) at[region++] = (int64_t)(intptr_t)(words + step->tables[i]);
    memcpy(words, step->words, (size_t)step->word_count * sizeof(int64_t));
    for (Py_ssize_t i = 0; i < step->patch_count; i++)
        words[step->patches[i].word] = at[step->patches[i].region] + step->patches[i].offset;
    if (launch_all(step, words) < 0) Py_CLEAR(out);
    PyMem_Free(heap);
    return out;
}

/* Tell a tape of an op; what the tape does itself in Python for all other ops. 1: it has to be told that way. */
static int tell_tape(PyObject *tape, const Step *step, PyObject *inputs, PyObject *output) {
    PyObject *tracked = SLOT(tape, tracked_slot), *cut = SLOT(tape, cut_slot), *entries = SLOT(tape, entries_slot);
    if (!tracked || !cut || !entries || !PySet_CheckExact(tracked) || !PySet_CheckExact(cut) || !PyList_CheckExact(entries))
        return 1;
    int follows = 0;
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(inputs) && !follows; i++) {
        PyObject *id = PyLong_FromVoidPtr(PyTuple_GET_ITEM(inputs, i));
        follows = id ? PySet_Contains(tracked, id) : -1;
        Py_XDECREF(id);
    }
    if (follows < 0) return -1;
    if (!follows) return PySet_GET_SIZE(cut) > 0;
    if (!step->differentiable) return 1;
    PyObject *id = PyLong_FromVoidPtr(output), *entry = PyTuple_Pack(4, step->op, inputs, step->params, output);
    const int failed = !id || !entry || PySet_Add(tracked, id) < 0 || PyList_Append(entries, entry) < 0;
    Py_XDECREF(id), Py_XDECREF(entry);
    return failed ? -1 : 0;
}

static int tell(PyObject *all, const Step *step, PyObject **tensors, PyObject *output) {
    PyObject *inputs = PyTuple_New(step->input_count);
    if (!inputs) return -1;
    for (Py_ssize_t i = 0; i < step->input_count; i++)
        PyTuple_SET_ITEM(inputs, i, Py_NewRef(tensors[step->inputs[i]]));
    int failed = 0;
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(all) && failed >= 0; i++) {
        PyObject *one = PyTuple_GET_ITEM(all, i);
        failed = Py_TYPE(one) == tape_type ? tell_tape(one, step, inputs, output) : 1;
        if (failed <= 0) continue;
        PyObject *arguments[] = {one, step->op, inputs, step->params, output};
        PyObject *done = PyObject_VectorcallMethod(record_name, arguments, 5 | PY_VECTORCALL_ARGUMENTS_OFFSET, NULL);
        failed = done ? 0 : -1;
        Py_XDECREF(done);
    }
    Py_DECREF(inputs);
    return failed < 0 ? -1 : 0;
}

/* Whether a tape knows that a variable was read while it held a tensor, and has nothing to write down. */
static int knows(PyObject *tape, PyObject *variable, PyObject *tensor) {
    PyObject *tracked = SLOT(tape, tracked_slot), *variables = SLOT(tape, variables_slot);
    if (!tracked || !variables || !PySet_CheckExact(tracked) || !PyDict_CheckExact(variables)) return 0;
    PyObject *id = PyLong_FromVoidPtr(tensor), *own = PyLong_FromVoidPtr(variable);
    const int found = id && own ? PySet_Contains(tracked, id) == 1 && PyDict_Contains(variables, own) == 1 : 0;
    Py_XDECREF(id), Py_XDECREF(own);
    return found;
}

/* The tensor that a variable holds, a new reference; nobody is told. */
static PyObject *held_by(PyObject *variable) {
    PyObject *held = SLOT(variable, held_slot);
    return held && Py_TYPE(held) == tensor_type ? Py_NewRef(held) : PyObject_GetAttr(variable, tensor_name);
}

/* Tell listeners that a variable was read while it held a tensor, as its method `read` does. */
static int tell_read(PyObject *variable, PyObject *tensor) {
    PyObject *told = Py_XNewRef(listeners_now());
    int failed = 0;
    for (Py_ssize_t i = 0; told && !failed && i < PyTuple_GET_SIZE(told); i++) {
        PyObject *one = PyTuple_GET_ITEM(told, i);
        if (Py_TYPE(one) == tape_type && knows(one, variable, tensor)) continue;
        PyObject *arguments[] = {one, variable, tensor};
        PyObject *done =
            PyObject_VectorcallMethod(record_variable_name, arguments, 3 | PY_VECTORCALL_ARGUMENTS_OFFSET, NULL);
        failed = !done;
        Py_XDECREF(done);
    }
    Py_XDECREF(told);
    return failed ? -1 : 0;
}

#endif
