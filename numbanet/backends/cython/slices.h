/* Cython's memoryviews of operands in an argument block: nobody owns them, so that no interpreter is needed.

   `Py_None` stands for the owner: counting references passes it over. `generate.py` writes the rest of a slice, for arrays
   of any number of dimensions. */
#ifndef NUMBANET_SLICES_H
#define NUMBANET_SLICES_H

_Static_assert(sizeof(uintptr_t) == 8, "a word of an argument block is a pointer: 64 bits are needed");

#define NUMBANET_SLICE (__Pyx_memviewslice){(struct __pyx_memoryview_obj *)Py_None, (char *)

static inline double numbanet_number(uintptr_t word) {
    uint64_t bits = word;
    double number;
    memcpy(&number, &bits, sizeof number);
    return number;
}
#endif
