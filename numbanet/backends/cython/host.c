/* Which of the compiled variants this processor, and its operating system, can run. */
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#if defined(_MSC_VER) && defined(_M_X64)
#include <immintrin.h>
#include <intrin.h>
#include <string.h>

static int has_bits(int word, int bits) { return (word & bits) == bits; }

static const char *variant(void) {
    int one[4], seven[4];
    __cpuidex(one, 1, 0);
    __cpuidex(seven, 7, 0);
    if (!has_bits(one[2], 1 << 12 | 1 << 27)) return "baseline"; /* FMA; registers can be asked for */
    unsigned long long saved = _xgetbv(0);
    if ((saved & 0x06) != 0x06 || !has_bits(seven[1], 1 << 5)) return "baseline";
    /* F, DQ, BW, VL */
    return (saved & 0xe6) == 0xe6 && has_bits(seven[1], 1 << 16 | 1 << 17 | 1 << 30 | 1 << 31) ? "avx512" : "avx2";
}
#elif defined(__x86_64__) && defined(__GNUC__)
static const char *variant(void) {
    __builtin_cpu_init();
    if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma")) return "baseline";
    int wide = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
               __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl");
    return wide ? "avx512" : "avx2";
}
#else
static const char *variant(void) { return "baseline"; }
#endif

static PyObject *best(PyObject *self, PyObject *unused) {
    (void)self, (void)unused;
    return PyUnicode_FromString(variant());
}

static PyMethodDef methods[] = {{"best", best, METH_NOARGS, "The fastest variant that runs here."}, {NULL, NULL, 0, NULL}};
static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "_host", NULL, 0, methods, NULL, NULL, NULL, NULL};

PyMODINIT_FUNC PyInit__host(void) { return PyModuleDef_Init(&module); }
