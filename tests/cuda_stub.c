/* A CUDA driver that answers and computes nothing: libcuda.so.1 for tests on machines without a GPU.

   Memory is the host's, copies copy, kernels do nothing. Calls are checked as the driver checks them: the context that
   is current in the thread, the process, the launch's sizes; and they are written to the file STUB_LOG, one a line.
   Settings, all from the environment: STUB_GPUS (1), STUB_MEMORY (bytes, 1 << 30), STUB_CUDA (13000),
   STUB_CAPABILITY (90), and STUB_FAIL=NAME:CODE, which makes one function fail with an error code.

   gcc -shared -fPIC -o libcuda.so.1 cuda_stub.c -ldl -Wl,-soname,libcuda.so.1 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef int R;
typedef void *P;
typedef unsigned long long U;
enum { OK = 0, INVALID_VALUE = 1, OUT_OF_MEMORY = 2, NOT_INITIALIZED = 3, NO_DEVICE = 100, INVALID_DEVICE = 101,
       INVALID_CONTEXT = 201, INVALID_HANDLE = 400, NOT_FOUND = 500 };

static long setting(const char *name, long otherwise)
{
    const char *text = getenv(name);
    return text ? atol(text) : otherwise;
}

static void note(const char *format, ...)
{
    const char *path = getenv("STUB_LOG");
    if (!path) return;
    char line[256];
    va_list given;
    va_start(given, format);
    int n = vsnprintf(line, sizeof line - 1, format, given);
    va_end(given);
    line[n++] = '\n';
    int file = open(path, O_WRONLY | O_CREAT | O_APPEND, 0644);
    if (write(file, line, n) < 0) abort();
    close(file);
}

static R failing(const char *name)
{
    const char *text = getenv("STUB_FAIL");
    size_t n = strlen(name);
    return text && !strncmp(text, name, n) && text[n] == ':' ? atoi(text + n + 1) : OK;
}

/* What every call of something begins with: the log, an error that is asked for, the process, the context. */
#define BEGIN(format, ...) \
    do { \
        note("%s " format, __func__, __VA_ARGS__); \
        R error = failing(__func__); \
        if (error) return error; \
    } while (0)
#define IN_CONTEXT(format, ...) \
    do { \
        BEGIN(format, __VA_ARGS__); \
        if (getpid() != opened) { note("%s IN ANOTHER PROCESS", __func__); return NOT_INITIALIZED; } \
        if (!depth) { note("%s WITHOUT A CONTEXT", __func__); return INVALID_CONTEXT; } \
        if (stack[depth - 1] != CONTEXT(0)) { note("%s IN ANOTHER CONTEXT", __func__); return INVALID_CONTEXT; } \
    } while (0)

#define CONTEXT(device) ((P)(uintptr_t)(0xC0 + (device)))
#define STREAMS 64
static __thread P stack[16];
static __thread int depth;
static pid_t opened;
static U handles = 0x1000;
static long used, kept;
static P capturing[STREAMS];
static struct { P address; size_t size; int kind; } blocks[1 << 16]; /* kind 1: pinned, 2: of the device */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static P handle(void) { return (P)(uintptr_t)__sync_add_and_fetch(&handles, 16); }

R cuInit(unsigned flags)
{
    BEGIN("%u", flags);
    opened = getpid();
    return setting("STUB_GPUS", 1) ? OK : NO_DEVICE;
}
R cuDriverGetVersion(int *version) { *version = setting("STUB_CUDA", 13000); return failing(__func__); }
R cuDeviceGetCount(int *count) { *count = setting("STUB_GPUS", 1); return OK; }
R cuDeviceGet(int *device, int number)
{
    *device = number;
    return number < setting("STUB_GPUS", 1) ? failing(__func__) : INVALID_DEVICE;
}
R cuDeviceGetName(char *name, int size, int device) { snprintf(name, size, "Stub %d", device); return OK; }
R cuDeviceGetAttribute(int *value, int attribute, int device)
{
    long capability = setting("STUB_CAPABILITY", 90);
    *value = attribute == 75 ? capability / 10 : attribute == 76 ? capability % 10 : setting("STUB_POOLS", 1);
    return OK;
}
R cuDevicePrimaryCtxRetain(P *context, int device) { BEGIN("%d", device); *context = CONTEXT(device); return OK; }
R cuCtxSetCurrent(P context)
{
    BEGIN("%p", context);
    if (!depth) depth = 1;
    stack[depth - 1] = context;
    if (!context) depth--;
    return OK;
}
R cuCtxGetCurrent(P *context) { *context = depth ? stack[depth - 1] : 0; return failing(__func__); }
R cuCtxPushCurrent(P context) { BEGIN("%p", context); stack[depth++] = context; return OK; }
R cuCtxPopCurrent(P *context) { BEGIN("%p", depth ? stack[depth - 1] : 0); *context = stack[--depth]; return OK; }
R cuCtxSynchronize(void) { IN_CONTEXT("%d", 0); return OK; }

R cuStreamCreate(P *stream, unsigned flags) { *stream = handle(); IN_CONTEXT("%p %u", *stream, flags); return OK; }
R cuStreamDestroy(P stream) { IN_CONTEXT("%p", stream); return OK; }
R cuStreamSynchronize(P stream) { IN_CONTEXT("%p", stream); return OK; }
R cuStreamWaitEvent(P stream, P event, unsigned flags) { IN_CONTEXT("%p %p", stream, event); return OK; }
static P *captured(P stream)
{
    for (int i = 0; i < STREAMS; i++)
        if (capturing[i] == stream) return capturing + i;
    return 0;
}
R cuStreamBeginCapture(P stream, int mode)
{
    IN_CONTEXT("%p %d", stream, mode);
    *captured(0) = stream;
    return OK;
}
R cuStreamEndCapture(P stream, P *graph)
{
    IN_CONTEXT("%p", stream);
    if (!captured(stream)) return INVALID_VALUE;
    *captured(stream) = 0;
    *graph = handle();
    return OK;
}
R cuGraphInstantiateWithFlags(P *made, P graph, U flags) { *made = handle(); IN_CONTEXT("%p", graph); return OK; }
R cuGraphLaunch(P graph, P stream) { IN_CONTEXT("%p %p", graph, stream); return OK; }
R cuGraphDestroy(P graph) { IN_CONTEXT("%p", graph); return OK; }
R cuGraphExecDestroy(P graph) { IN_CONTEXT("%p", graph); return OK; }

R cuEventCreate(P *event, unsigned flags) { *event = handle(); IN_CONTEXT("%p %u", *event, flags); return OK; }
R cuEventRecord(P event, P stream) { IN_CONTEXT("%p %p", event, stream); return OK; }
R cuEventSynchronize(P event) { IN_CONTEXT("%p", event); return OK; }
R cuEventElapsedTime(float *milliseconds, P first, P last) { *milliseconds = 1.5; return OK; }
R cuEventDestroy(P event) { IN_CONTEXT("%p", event); return OK; }

static P taken(size_t size, int kind)
{
    P found = 0;
    pthread_mutex_lock(&lock);
    if (used + (long)size <= setting("STUB_MEMORY", 1l << 30) && !posix_memalign(&found, 512, size)) {
        int i = 0;
        while (blocks[i].address) i++;
        blocks[i].address = found, blocks[i].size = size, blocks[i].kind = kind;
        used += size;
        if (used > kept) kept = used;
        memset(found, 0, size);
    }
    pthread_mutex_unlock(&lock);
    return found;
}
static int kind_of(P address)
{
    for (int i = 0; i < 1 << 16; i++)
        if (blocks[i].address && (char *)address >= (char *)blocks[i].address &&
            (char *)address < (char *)blocks[i].address + blocks[i].size)
            return blocks[i].kind;
    return 0;
}
static R given_back(P address, int kind)
{
    R found = INVALID_VALUE;
    pthread_mutex_lock(&lock);
    for (int i = 0; i < 1 << 16 && found; i++)
        if (blocks[i].address == address && blocks[i].kind == kind) {
            blocks[i].address = 0;
            used -= blocks[i].size;
            found = OK;
        }
    pthread_mutex_unlock(&lock);
    if (found) note("GIVEN BACK WHAT WAS NOT TAKEN %p", address);
    else free(address);
    return found;
}
R cuMemPoolCreate(P *pool, const P wanted) { *pool = handle(); IN_CONTEXT("%p", *pool); return OK; }
R cuMemPoolSetAttribute(P pool, int kind, U *value) { IN_CONTEXT("%d %llu", kind, *value); return OK; }
R cuMemPoolGetAttribute(P pool, int kind, U *value) { *value = kind == 5 ? kept : used; return OK; }
R cuMemPoolTrimTo(P pool, size_t size) { IN_CONTEXT("%zu", size); kept = used; return OK; }
R cuMemAllocFromPoolAsync(P *address, size_t size, P pool, P stream)
{
    IN_CONTEXT("%zu %p", size, stream);
    *address = taken(size, 2);
    return *address ? OK : OUT_OF_MEMORY;
}
R cuMemFreeAsync(P address, P stream) { IN_CONTEXT("%p %p", address, stream); return given_back(address, 2); }
R cuMemAllocHost(P *address, size_t size)
{
    IN_CONTEXT("%zu", size);
    *address = taken(size, 1);
    return *address ? OK : OUT_OF_MEMORY;
}
R cuMemFreeHost(P address) { IN_CONTEXT("%p", address); return given_back(address, 1); }
R cuMemGetInfo(size_t *left, size_t *total)
{
    IN_CONTEXT("%d", 0);
    *total = setting("STUB_MEMORY", 1l << 30);
    *left = *total - kept;
    return OK;
}
R cuMemcpyHtoDAsync(P target, const P source, size_t size, P stream)
{
    IN_CONTEXT("%zu %p", size, stream);
    memcpy(target, source, size);
    return OK;
}
R cuMemcpyDtoHAsync(P target, P source, size_t size, P stream)
{
    IN_CONTEXT("%zu %p", size, stream);
    memcpy(target, source, size);
    return OK;
}
R cuMemcpyDtoDAsync(P target, P source, size_t size, P stream)
{
    IN_CONTEXT("%zu %p", size, stream);
    memcpy(target, source, size);
    return OK;
}
R cuPointerGetAttribute(P value, int kind, P address)
{
    int found = kind_of(address);
    if (!found) return INVALID_VALUE; /* the driver does not know it */
    *(unsigned *)value = kind == 2 ? (unsigned)found : 0; /* kind 2: of memory; otherwise the device's number */
    return OK;
}

/* An image is machine code (ELF), or PTX of a version that this driver reads. */
R cuModuleLoadData(P *module, const P image)
{
    *module = handle();
    IN_CONTEXT("%s", memcmp(image, "\177ELF", 4) ? "PTX" : "ELF");
    if (memcmp(image, "\177ELF", 4)) {
        const char *at = strstr(image, "\n.version ");
        int newest = setting("STUB_CUDA", 13000), version = newest / 1000 * 10 + newest % 1000 / 10 - 40;
        if (!at || atoi(at + 10) * 10 + atoi(at + 12) > version) return 222; /* unsupported PTX version */
    }
    return OK;
}
R cuModuleGetFunction(P *function, P module, const char *name)
{
    *function = handle();
    IN_CONTEXT("%p %.100s", *function, name);
    return OK;
}
R cuLaunchKernel(P function, unsigned gx, unsigned gy, unsigned gz, unsigned bx, unsigned by, unsigned bz, unsigned
                 shared, P stream, P *parameters, P *extra)
{
    IN_CONTEXT("%p %ux%ux%u %ux%ux%u %p%s", function, gx, gy, gz, bx, by, bz, stream,
               captured(stream) ? " captured" : "");
    if (gx - 1 > 2147483646u || gy - 1 > 65534u || gz - 1 > 65534u || bx * by * bz - 1 > 1023u || !parameters)
        return INVALID_VALUE;
    return OK;
}

R cuGetErrorName(R error, const char **name)
{
    *name = error == OUT_OF_MEMORY ? "CUDA_ERROR_OUT_OF_MEMORY" : error == NO_DEVICE ? "CUDA_ERROR_NO_DEVICE"
          : error == INVALID_CONTEXT ? "CUDA_ERROR_INVALID_CONTEXT" : error == INVALID_VALUE
          ? "CUDA_ERROR_INVALID_VALUE" : error == 700 ? "CUDA_ERROR_ILLEGAL_ADDRESS" : "CUDA_ERROR_OF_THE_STUB";
    return OK;
}
R cuGetErrorString(R error, const char **text) { *text = "what the driver says"; return OK; }

R cuGetProcAddress(const char *name, P *function, int version, U flags, int *status)
{
    static P self;
    Dl_info info;
    if (!self && dladdr((P)cuGetProcAddress, &info)) self = dlopen(info.dli_fname, RTLD_NOW | RTLD_NOLOAD);
    *function = dlsym(self, name);
    if (!*function) note("MISSING %s", name);
    if (status) *status = !*function;
    return *function ? OK : NOT_FOUND;
}
R cuGetProcAddress_v2(const char *name, P *function, int version, U flags, int *status)
{
    return cuGetProcAddress(name, function, version, flags, status);
}
