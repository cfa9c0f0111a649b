/* Cython's memoryviews of operands in an argument block: nobody owns them, so that no interpreter is needed.

   `Py_None` stands for the owner: counting references passes it over. */
#ifndef NUMBANET_SLICES_H
#define NUMBANET_SLICES_H

_Static_assert(sizeof(uintptr_t) == 8, "a word of an argument block is a pointer: 64 bits are needed");

#define NUMBANET_SLICE (__Pyx_memviewslice){(struct __pyx_memoryview_obj *)Py_None, (char *)
#define NUMBANET_C1(T, b) (NUMBANET_SLICE(b)[0], {(Py_ssize_t)(b)[1]}, {sizeof(T)}, {-1}})
#define NUMBANET_C2(T, b)                                    \
    (NUMBANET_SLICE(b)[0], {(Py_ssize_t)(b)[1], (Py_ssize_t)(b)[2]}, \
     {(Py_ssize_t)((b)[2] * sizeof(T)), sizeof(T)}, {-1, -1}})
#define NUMBANET_C3(T, b)                                                                                       \
    (NUMBANET_SLICE(b)[0], {(Py_ssize_t)(b)[1], (Py_ssize_t)(b)[2], (Py_ssize_t)(b)[3]},                          \
     {(Py_ssize_t)((b)[2] * (b)[3] * sizeof(T)), (Py_ssize_t)((b)[3] * sizeof(T)), sizeof(T)}, {-1, -1, -1}})
#define NUMBANET_A2(T, b)                                    \
    (NUMBANET_SLICE(b)[0], {(Py_ssize_t)(b)[1], (Py_ssize_t)(b)[2]}, \
     {(Py_ssize_t)(b)[3], (Py_ssize_t)(b)[4]}, {-1, -1}})
#define NUMBANET_A3(T, b)                                                              \
    (NUMBANET_SLICE(b)[0], {(Py_ssize_t)(b)[1], (Py_ssize_t)(b)[2], (Py_ssize_t)(b)[3]}, \
     {(Py_ssize_t)(b)[4], (Py_ssize_t)(b)[5], (Py_ssize_t)(b)[6]}, {-1, -1, -1}})

static inline double numbanet_number(uintptr_t word) {
    uint64_t bits = word;
    double number;
    memcpy(&number, &bits, sizeof number);
    return number;
}
#endif
