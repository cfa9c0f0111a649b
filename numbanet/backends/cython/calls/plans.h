/* Plans: the steps and checks of one call, in order. */
#ifndef NUMBANET_PLANS_H
#define NUMBANET_PLANS_H

#include "steps.h"

typedef struct {
    PyObject_HEAD PyObject *events, *constants; /* an event is a Step, or a check: (value, function, width, below) */
    PyObject *results;                          /* which value it returns, or a tuple: of which it returns a tuple */
    Py_ssize_t arguments, values, *last;        /* last: the event after which a value is not needed any more */
    unsigned long generation;                   /* in which it was begun: it is run in no other one */
} Plan;

enum { NEVER = -1 };

/* Note after which event each value is not needed any more: NEVER for those that are returned. */
static int note_last(Plan *plan) {
    const Py_ssize_t events = PyTuple_GET_SIZE(plan->events);
    Py_ssize_t count = plan->arguments + PyTuple_GET_SIZE(plan->constants);
    plan->last = PyMem_Malloc((size_t)plan->values * sizeof(Py_ssize_t) + 1);
    if (!plan->last) return PyErr_NoMemory(), -1;
    for (Py_ssize_t i = 0; i < plan->values; i++) plan->last[i] = NEVER;
    for (Py_ssize_t i = 0; i < events; i++) {
        PyObject *event = PyTuple_GET_ITEM(plan->events, i);
        if (Py_TYPE(event) != &step_type) {
            plan->last[PyLong_AsSsize_t(PyTuple_GET_ITEM(event, 0))] = i;
            continue;
        }
        for (Py_ssize_t j = 0; j < ((Step *)event)->input_count; j++) plan->last[((Step *)event)->inputs[j]] = i;
        plan->last[count++] = i;
    }
    if (!PyTuple_CheckExact(plan->results))
        plan->last[PyLong_AsSsize_t(plan->results)] = NEVER;
    else
        for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(plan->results); i++)
            plan->last[PyLong_AsSsize_t(PyTuple_GET_ITEM(plan->results, i))] = NEVER;
    return PyErr_Occurred() ? -1 : 0;
}

static PyObject *plan_new(PyTypeObject *type, PyObject *args, PyObject *kwargs) {
    PyObject *events, *constants, *results;
    Py_ssize_t arguments;
    unsigned long begun;
    (void)kwargs;
    if (!PyArg_ParseTuple(args, "nO!O!Ok", &arguments, &PyTuple_Type, &constants, &PyTuple_Type, &events, &results,
                          &begun))
        return NULL;
    Plan *made = (Plan *)type->tp_alloc(type, 0);
    if (!made) return NULL;
    made->events = Py_NewRef(events), made->constants = Py_NewRef(constants), made->results = Py_NewRef(results);
    made->arguments = arguments, made->generation = begun;
    made->values = arguments + PyTuple_GET_SIZE(constants) + PyTuple_GET_SIZE(events);
    if (note_last(made) < 0) Py_CLEAR(made);
    return (PyObject *)made;
}

static void plan_free(PyObject *self) {
    Py_XDECREF(((Plan *)self)->events), Py_XDECREF(((Plan *)self)->constants), Py_XDECREF(((Plan *)self)->results);
    PyMem_Free(((Plan *)self)->last);
    Py_TYPE(self)->tp_free(self);
}

static PyObject *run_plan(Plan *plan, PyObject **arguments);

static PyObject *plan_call(PyObject *self, PyObject *args, PyObject *kwargs) {
    Plan *own = (Plan *)self;
    int fits = PyTuple_GET_SIZE(args) == own->arguments && !kwargs;
    for (Py_ssize_t i = 0; fits && i < own->arguments; i++) fits = Py_TYPE(PyTuple_GET_ITEM(args, i)) == tensor_type;
    if (own->generation != generation) Py_RETURN_NONE;
    if (fits) return run_plan(own, &PyTuple_GET_ITEM(args, 0));
    PyErr_SetString(PyExc_TypeError, "a Plan is called with as many tensors as it was made for");
    return NULL;
}

static PyTypeObject plan_type = {
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "numbanet.backends.cython._calls.Plan",
    .tp_basicsize = sizeof(Plan),
    .tp_dealloc = plan_free,
    .tp_call = plan_call,
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_new = plan_new,
    .tp_doc = "Plan(arguments, constants, events, results, generation); values are arguments, constants, results of steps.",
};

/* Whether integers that lie in order are positions below a number; width is 8 or 4, signed, or 1, unsigned. */
static int all_below(const Array *x, int width, int64_t below) {
    Py_ssize_t n = 1;
    int64_t outside = 0;
    for (int d = 0; d < x->nd; d++) n *= x->dims[d];
    if (width == 8)
        for (Py_ssize_t i = 0; i < n; i++) outside |= (uint64_t)((int64_t *)x->data)[i] >= (uint64_t)below;
    else if (width == 4)
        for (Py_ssize_t i = 0; i < n; i++) outside |= (uint64_t)(int64_t)((int32_t *)x->data)[i] >= (uint64_t)below;
    else
        for (Py_ssize_t i = 0; i < n; i++) outside |= (int64_t)((uint8_t *)x->data)[i] >= below;
    return !outside;
}

static int check(PyObject *event, PyObject **arrays) {
    PyObject *array = arrays[PyLong_AsLong(PyTuple_GET_ITEM(event, 0))];
    const long width = PyLong_AsLong(PyTuple_GET_ITEM(event, 2));
    if (width && all_below((Array *)array, (int)width, PyLong_AsLongLong(PyTuple_GET_ITEM(event, 3)))) return 0;
    PyObject *done = PyObject_CallOneArg(PyTuple_GET_ITEM(event, 1), array); /* raises if values are not as they must */
    Py_XDECREF(done);
    return done ? 0 : -1;
}

/* The value of a number as a tensor, a new reference. */
static PyObject *value_of(PyObject **arrays, PyObject **tensors, Layout **layouts, Py_ssize_t i) {
    return tensors[i] ? Py_NewRef(tensors[i]) : tensor_of(Py_NewRef(arrays[i]), layouts[i]);
}

static PyObject *results_of(const Plan *plan, PyObject **arrays, PyObject **tensors, Layout **layouts) {
    if (!PyTuple_CheckExact(plan->results))
        return value_of(arrays, tensors, layouts, PyLong_AsSsize_t(plan->results));
    const Py_ssize_t count = PyTuple_GET_SIZE(plan->results);
    PyObject *found = PyTuple_New(count);
    for (Py_ssize_t i = 0; found && i < count; i++) {
        const Py_ssize_t number = PyLong_AsSsize_t(PyTuple_GET_ITEM(plan->results, i));
        PyObject *one = value_of(arrays, tensors, layouts, number);
        if (one)
            PyTuple_SET_ITEM(found, i, one);
        else
            Py_CLEAR(found);
    }
    return found;
}

/* Values are arrays; results of steps become tensors only where a listener is told of them, or they are returned. */
static PyObject *run_plan(Plan *plan, PyObject **arguments) {
    PyObject *stack[3 * MOST_VALUES], **arrays = stack, *told = listeners_now(), *result = NULL;
    if (plan->values > MOST_VALUES) {
        arrays = PyMem_Malloc(3 * (size_t)plan->values * sizeof(PyObject *));
        if (!arrays) return PyErr_NoMemory();
    }
    PyObject **tensors = arrays + plan->values;
    Layout **layouts = (Layout **)(tensors + plan->values);
    Py_ssize_t count = plan->arguments;
    for (Py_ssize_t i = 0; i < count; i++) tensors[i] = arguments[i];
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(plan->constants); i++)
        tensors[count++] = PyTuple_GET_ITEM(plan->constants, i);
    const Py_ssize_t first = count;
    for (Py_ssize_t i = 0; i < first; i++) arrays[i] = SLOT(tensors[i], array_slot);
    Py_XINCREF(told);
    Py_INCREF(plan); /* a listener may have it dropped */
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(plan->events); i++) {
        PyObject *event = PyTuple_GET_ITEM(plan->events, i), *inputs[MOST_ARGUMENTS];
        if (Py_TYPE(event) != &step_type) {
            if (check(event, arrays) < 0) goto done;
            continue;
        }
        const Step *step = (Step *)event;
        for (Py_ssize_t j = 0; j < step->input_count; j++) inputs[j] = arrays[step->inputs[j]];
        arrays[count] = run_step(step, inputs);
        if (!arrays[count]) goto done;
        tensors[count] = NULL;
        layouts[count++] = step->layout;
        if (told) {
            tensors[count - 1] = tensor_of(Py_NewRef(arrays[count - 1]), step->layout);
            if (!tensors[count - 1] || tell(told, step, tensors, tensors[count - 1]) < 0) goto done;
        }
        for (Py_ssize_t j = 0; j <= step->input_count; j++) {
            const Py_ssize_t value = j < step->input_count ? step->inputs[j] : count - 1;
            if (value < first || plan->last[value] != i) continue;
            Py_CLEAR(arrays[value]);
            Py_CLEAR(tensors[value]);
        }
    }
    result = results_of(plan, arrays, tensors, layouts);
done:
    for (Py_ssize_t i = first; i < count; i++) {
        Py_XDECREF(arrays[i]);
        Py_XDECREF(tensors[i]);
    }
    if (arrays != stack) PyMem_Free(arrays);
    Py_XDECREF(told);
    Py_DECREF(plan);
    return result;
}

#endif
