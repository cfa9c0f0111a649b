# What all bodies share: dtypes, and the functions that they import, as C has them.
cimport cython
from libc cimport math
from libc.stdint cimport int8_t, int16_t, int32_t, int64_t, uint8_t, uint16_t, uint32_t, uint64_t, uintptr_t

cdef extern from *:
    """
    typedef _Bool boolean;
    typedef unsigned char truth;
    typedef float any_float;
    typedef double any_double;
    """
    # Cython takes fused types apart by what they are said to be, so each is said to be something else.
    ctypedef char boolean
    ctypedef char truth  # a boolean that is only looked at: gcc does not vectorise what reads a _Bool
    ctypedef long long any_float  # a float; said to be an integer, it is converted to every type without a cast
    ctypedef unsigned long any_double

ctypedef fused real:
    float
    double

ctypedef fused integer:
    boolean
    int8_t
    int16_t
    int32_t
    int64_t
    uint8_t
    uint16_t
    uint32_t
    uint64_t

ctypedef fused whole:
    int8_t
    int16_t
    int32_t
    int64_t
    uint8_t
    uint16_t
    uint32_t
    uint64_t

ctypedef fused binary:
    int32_t
    int64_t

ctypedef fused counted:
    uint8_t
    int32_t

ctypedef fused wide:
    int64_t
    uint64_t

ctypedef fused numeric:
    int8_t
    int16_t
    int32_t
    int64_t
    uint8_t
    uint16_t
    uint32_t
    uint64_t
    float
    double

ctypedef fused number:
    boolean
    int8_t
    int16_t
    int32_t
    int64_t
    uint8_t
    uint16_t
    uint32_t
    uint64_t
    float
    double

ctypedef fused source:
    truth
    int8_t
    int16_t
    int32_t
    int64_t
    uint8_t
    uint16_t
    uint32_t
    uint64_t
    any_float
    any_double

cdef extern from "arithmetic.h" nogil:
    double inf "(double)INFINITY"
    double nan "(double)NAN"
    double floordiv_double(double, double) noexcept
    float floordiv_float(float, float) noexcept
    double mod_double(double, double) noexcept
    float mod_float(float, float) noexcept
    int64_t floordiv_int64(int64_t, int64_t) noexcept
    int64_t mod_int64(int64_t, int64_t) noexcept
    uint64_t floordiv_uint64(uint64_t, uint64_t) noexcept
    uint64_t mod_uint64(uint64_t, uint64_t) noexcept
    uint64_t uint64 "(uint64_t)" (...) noexcept
    int64_t int64 "(int64_t)" (...) noexcept

cdef inline numeric floordiv(numeric a, numeric b) noexcept nogil:
    if numeric is double:
        return floordiv_double(a, b)
    elif numeric is float:
        return floordiv_float(a, b)
    elif numeric is uint64_t:
        return floordiv_uint64(a, b)
    else:
        return <numeric> floordiv_int64(a, b)

cdef inline numeric mod(numeric a, numeric b) noexcept nogil:
    if numeric is double:
        return mod_double(a, b)
    elif numeric is float:
        return mod_float(a, b)
    elif numeric is uint64_t:
        return mod_uint64(a, b)
    else:
        return <numeric> mod_int64(a, b)

cdef inline whole lshift(whole a, whole b) noexcept nogil:
    return <whole> (<uint64_t> a << b)

cdef inline whole rshift(whole a, whole b) noexcept nogil:
    if whole is uint64_t:
        return a >> b
    else:
        return <whole> (<int64_t> a >> b)

cdef inline numeric abs(numeric x) noexcept nogil:
    if numeric is float:
        return math.fabsf(x)
    elif numeric is double:
        return math.fabs(x)
    else:
        return -x if x < 0 else x

cdef inline real sqrt(real x) noexcept nogil:
    return math.sqrtf(x) if real is float else math.sqrt(x)

cdef inline real rint(real x) noexcept nogil:
    return math.rintf(x) if real is float else math.rint(x)

cdef inline real exp(real x) noexcept nogil:
    return math.expf(x) if real is float else math.exp(x)

cdef inline real expm1(real x) noexcept nogil:
    return math.expm1f(x) if real is float else math.expm1(x)

cdef inline real log(real x) noexcept nogil:
    return math.logf(x) if real is float else math.log(x)

cdef inline real log1p(real x) noexcept nogil:
    return math.log1pf(x) if real is float else math.log1p(x)

cdef inline real log2(real x) noexcept nogil:
    return math.log2f(x) if real is float else math.log2(x)

cdef inline real log10(real x) noexcept nogil:
    return math.log10f(x) if real is float else math.log10(x)

cdef inline real sin(real x) noexcept nogil:
    return math.sinf(x) if real is float else math.sin(x)

cdef inline real cos(real x) noexcept nogil:
    return math.cosf(x) if real is float else math.cos(x)

cdef inline real tan(real x) noexcept nogil:
    return math.tanf(x) if real is float else math.tan(x)

cdef inline real sinh(real x) noexcept nogil:
    return math.sinhf(x) if real is float else math.sinh(x)

cdef inline real cosh(real x) noexcept nogil:
    return math.coshf(x) if real is float else math.cosh(x)

cdef inline real tanh(real x) noexcept nogil:
    return math.tanhf(x) if real is float else math.tanh(x)

cdef inline real floor(real x) noexcept nogil:
    return math.floorf(x) if real is float else math.floor(x)

cdef inline real ceil(real x) noexcept nogil:
    return math.ceilf(x) if real is float else math.ceil(x)

cdef inline real trunc(real x) noexcept nogil:
    return math.truncf(x) if real is float else math.trunc(x)

cdef inline real arcsin(real x) noexcept nogil:
    return math.asinf(x) if real is float else math.asin(x)

cdef inline real arccos(real x) noexcept nogil:
    return math.acosf(x) if real is float else math.acos(x)

cdef inline real arctan(real x) noexcept nogil:
    return math.atanf(x) if real is float else math.atan(x)

cdef inline real arctan2(real y, real x) noexcept nogil:
    return math.atan2f(y, x) if real is float else math.atan2(y, x)

cdef inline real arcsinh(real x) noexcept nogil:
    return math.asinhf(x) if real is float else math.asinh(x)

cdef inline real arccosh(real x) noexcept nogil:
    return math.acoshf(x) if real is float else math.acosh(x)

cdef inline real arctanh(real x) noexcept nogil:
    return math.atanhf(x) if real is float else math.atanh(x)

cdef inline real copysign(real x, real y) noexcept nogil:
    return math.copysignf(x, y) if real is float else math.copysign(x, y)

cdef extern from "direct.h":
    object numbanet_make_direct(const char *name, uintptr_t kernel, const char *letters)

cdef extern from "functions.h" nogil:
    struct numbanet_function:
        const char *key
        void *entry
    const numbanet_function *numbanet_functions

cdef inline dict vectorised():
    found = {}
    cdef const numbanet_function *function = numbanet_functions
    while function.key != NULL:
        found[function.key.decode()] = <uintptr_t> function.entry
        function += 1
    return found
