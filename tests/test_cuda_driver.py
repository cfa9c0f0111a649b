"""What talks to the CUDA driver, with a driver that computes nothing (the fixture `stub`): no GPU is needed.

That driver checks calls as a real one does (contexts, processes, sizes of launches, versions of PTX) and lists them.
Names and types of arguments, lifetimes, captures and errors are tested so; results are not.
"""

import re

import pytest

FIT = """
from numbanet.training import engine
from numbanet.backends.cuda.program import CudaProgram
asked, run, to_host = [], CudaProgram.run, engine.to_host
def noted(self, steps, *given, **options):
    asked.append(steps)
    return run(self, steps, *given, **options)
CudaProgram.run = noted  # so that fit can be told that the steps were done, which nobody counts on this device
engine.to_host = lambda array: np.array([0, asked[-1]]) if array.shape == (8,) else to_host(array)

def fit(**options):
    rng = np.random.default_rng(0)
    with nn.device("cuda"):
        model = nn.Sequential([nn.layers.Dense(4, activation="relu"), nn.layers.Dense(3, activation="softmax")])
        model.compile(optimizer="rmsprop", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
        model.fit(rng.random((32, 5), np.float32), np.arange(32) % 3, batch_size=8, verbose=0, **options)
    return model
"""


def names(calls):
    return [name for name, *_ in calls]


def test_training_goes_through_graphs(stub):
    _, calls = stub.run(FIT + "fit(epochs=3)")
    found = names(calls)
    assert found.count("cuStreamBeginCapture") == found.count("cuGraphInstantiateWithFlags") == 1
    assert found.count("cuGraphLaunch") == 3 * 4 - 1, "the first step is launched kernel by kernel"
    inside = found[found.index("cuStreamBeginCapture") + 1 : found.index("cuStreamEndCapture")]
    assert set(inside) == {"cuLaunchKernel"}, "nothing but launches can be captured"


def test_a_device_that_does_no_step_is_told(stub):
    script = (
        FIT
        + """
engine.to_host = to_host
try:
    fit(epochs=1)
except DeviceError as error:
    print(error)
"""
    )
    assert stub.run(script)[0] == ["cuda: a training step of 8 samples was asked for and not done"]


def test_streams_and_memory_are_those_of_the_device(stub):
    _, calls = stub.run(FIT + "fit(epochs=1)")
    own, uploads = [rest.split()[0] for name, rest in calls if name == "cuStreamCreate"][:2]
    taken = {rest.split()[1] for name, rest in calls if name == "cuMemAllocFromPoolAsync"}
    assert taken == {own}
    assert own != uploads


def test_kernels_are_loaded_as_machine_code(stub):
    _, calls = stub.run("print(nn.ones(3, device='cuda') + 1)")
    loaded = [rest for name, rest in calls if name == "cuModuleLoadData"]
    assert set(loaded) == {"ELF"}


def test_without_nvjitlink_the_driver_gets_ptx_that_it_reads(stub):
    script = """
from numbanet.backends.cuda import toolchain
toolchain.linker_version = lambda: None
print((nn.ones(3, device="cuda") + 1).device)
"""
    for version in ("13000", "12080"):
        printed, calls = stub.run(script, STUB_CUDA=version)
        assert printed == ["cuda"]
        assert {rest for name, rest in calls if name == "cuModuleLoadData"} == {"PTX"}


def test_the_newest_numpy(stub):
    """NumPy 2.5 has no row_stack, which numba-cuda registers."""
    script = """
if hasattr(np, "row_stack"):
    del np.row_stack
print((nn.ones(3, device="cuda") + 1).device, np.row_stack is np.vstack)
from numba import cuda, float32, void
cuda.compile_ptx(lambda x: None, void(float32[::1]), cc=(9, 0))
"""
    assert stub.run(script)[0] == ["cuda False"]


def test_what_is_cached_is_not_compiled_again(stub):
    script = """
from numbanet.backends.cuda import toolkit
def refuse(*given):
    raise AssertionError(given)
if {again}:
    toolkit.compile_ptx = refuse
print((nn.ones(3, device="cuda") * 3).device)
"""
    for again in (False, True):
        assert stub.run(script.format(again=again))[0] == ["cuda"]


def test_a_compiler_that_finds_no_toolkit_is_told_in_a_sentence(stub):
    script = """
from numbanet.backends.cuda import toolkit
def refuse(*given, **options):
    raise RuntimeError("libnvrtc.so.13: no such file\\nnor anywhere else")
toolkit.cuda.compile_ptx = refuse
try:
    nn.ones((3, 1, 7), device="cuda").T + nn.ones((3, 1, 7), device="cuda").T
except DeviceError as error:
    print(error)
"""
    (told,), _ = stub.run(script, NUMBANET_CACHE_DIR=str(stub.folder / "empty"))
    assert told.startswith("cuda: numba-cuda cannot compile a kernel (RuntimeError: libnvrtc.so.13: no such file nor ")
    assert "numba-cuda[cu13]" in told


def test_a_process_that_forks(stub):
    """The thread that forks goes on in the child, and what it knows of itself."""
    script = """
t = nn.ones(3, device="cuda")
import warnings; warnings.simplefilter("ignore", DeprecationWarning)  # of forking with threads
if not os.fork():
    for work in (lambda: t + 1, lambda: nn.ones(3, device="cuda"), t.numpy):
        try:
            work()
        except DeviceError as error:
            print(error, flush=True)
    del t
    os._exit(0)
os.wait()
print((t + 1).device)
"""
    printed, _ = stub.run(script)
    told = "device 'cuda' was opened before this process was forked; start processes with spawn"
    assert printed == [told] * 3 + ["cuda"]


def test_another_library_may_have_its_device_current(stub):
    """What was current is current again, in this thread and in others; and ours was, whenever the driver was called."""
    script = (
        FIT
        + """
from cuda.bindings import driver
def current():
    return int(driver.cuCtxGetCurrent()[1])
t = nn.ones(3, device="cuda")
print(hex(current()))
_, other = driver.cuDevicePrimaryCtxRetain(1)
driver.cuCtxSetCurrent(other)
fit(epochs=2)
print((t + 1).numpy().shape, hex(current()))
def work():
    print((t + 1).numpy().shape)
    driver.cuCtxSetCurrent(other)
    print((t + 1).numpy().shape, hex(current()))
thread = threading.Thread(target=work)
thread.start()
thread.join()
del t
print(hex(current()))
"""
    )
    printed, _ = stub.run(script, STUB_GPUS="2")
    assert printed == ["0xc0", "(3,) 0xc1", "(3,)", "(3,) 0xc1", "0xc1"]


CALLED = (
    *("cuInit", "cuDeviceGet", "cuDriverGetVersion", "cuDevicePrimaryCtxRetain", "cuCtxSetCurrent", "cuCtxGetCurrent"),
    *("cuStreamCreate", "cuMemPoolCreate", "cuMemPoolSetAttribute", "cuMemAllocFromPoolAsync", "cuMemcpyHtoDAsync"),
    *("cuMemcpyDtoHAsync", "cuModuleLoadData", "cuModuleGetFunction", "cuLaunchKernel", "cuStreamSynchronize"),
    *("cuStreamBeginCapture", "cuStreamEndCapture", "cuGraphInstantiateWithFlags", "cuGraphLaunch", "cuEventCreate"),
    *("cuEventRecord", "cuEventSynchronize", "cuStreamWaitEvent", "cuMemAllocHost", "cuMemPoolTrimTo", "cuMemGetInfo"),
    *("cuCtxSynchronize", "cuNothing"),
)


def test_every_error_of_the_driver_is_a_device_error(stub):
    script = (
        FIT
        + f"""
from numbanet.errors import NumbanetError
from numbanet.training import prefetch
from numbanet.backends.cuda import devices
def everything():
    devices._opened.cache_clear()
    model = fit(epochs=2)
    device = devices.cuda()
    list(prefetch.Prefetch(device, [np.ones((5, 2))], 2).chunks())
    device.record(timed=True).sync()
    device.order(None, 1)
    device.free_memory()
    device.synchronize_all()
    device.trim()
for name in {CALLED}:
    for code in (700, 2):
        os.environ["STUB_FAIL"] = f"{{name}}:{{code}}"
        try:
            everything()
        except NumbanetError as error:
            print(name, type(error).__name__, error)
        else:
            print(name, "passed")
        os.environ["STUB_FAIL"] = ""
everything()
"""
    )
    printed, _ = stub.run(script)
    assert [line.split()[0] for line in printed] == [name for name in CALLED for _ in range(2)]
    for line in printed:
        name, kind, *_ = line.split()
        if name == "cuNothing":
            assert kind == "passed", "a name that nobody calls: the others are called"
        elif kind != "DeviceMemoryError":
            assert kind == "DeviceError", line
            assert "cuda" in line, line


def test_no_memory(stub):
    script = """
try:
    nn.zeros(1 << 20, device="cuda")
except MemoryError as error:
    print(type(error).__name__, error)
kept = nn.zeros(1 << 10, device="cuda")
print(kept.numpy().shape)
"""
    printed, _ = stub.run(script, STUB_MEMORY="1000000")
    assert printed == ["DeviceMemoryError cuda: no memory for 4.2 MB; 1 of 1 MB are free", "(1024,)"]


def test_memory_that_nobody_uses_is_given_back_when_asked_for(stub):
    script = """
from numbanet.backends.cuda.devices import cuda
device = cuda()
nn.zeros(1, device="cuda")  # the number 0 is kept
whole = device.free_memory()
t = nn.zeros(1 << 20, device="cuda")
print(whole - device.free_memory())
del t
print(whole - device.free_memory())
device.trim()
"""
    printed, calls = stub.run(script)
    assert printed == [str(4 << 20), "0"]
    assert names(calls)[-2:] == ["cuStreamSynchronize", "cuMemPoolTrimTo"]


def test_pinned_arrays_have_been_read_when_a_copy_returns(stub):
    script = """
from numbanet.backends.cuda.devices import cuda
values = {values}
nn.asarray(values, device="cuda")
"""
    _, pinned = stub.run(script.format(values="cuda().pinned((3,), np.float32)"))
    _, others = stub.run(script.format(values="np.ones(3, np.float32)"))
    copied = names(pinned).index("cuMemcpyHtoDAsync")
    assert names(pinned)[copied + 1] == "cuStreamSynchronize"
    assert "cuStreamSynchronize" not in names(others)


def test_times_are_those_of_events(stub):
    script = """
from numbanet.backends.cuda.devices import cuda
first, last = cuda().record(timed=True), cuda().record(timed=True)
last.sync()
print(last.seconds_since(first))
"""
    printed, calls = stub.run(script)
    assert printed == ["0.0015"]
    assert [rest.split()[1] for name, rest in calls if name == "cuEventCreate"] == ["0", "0"]


def test_the_cuda_array_interface_is_read_only_and_dlpack_shares(stub):
    script = """
t = nn.arange(6, device="cuda")
print(t.__cuda_array_interface__["data"][1])
shared = nn.from_dlpack(t)
print(shared.__cuda_array_interface__["data"] == t.__cuda_array_interface__["data"])
class Other:
    __cuda_array_interface__ = t.__cuda_array_interface__
print(nn.asarray(Other()).device)
del shared
"""
    assert stub.run(script)[0] == ["True", "True", "cuda"]


def test_compiling_in_several_threads_is_for_the_right_gpu(stub):
    """numba-cuda asks for the current device while it types a kernel: each thread gets its own, others the real one."""
    script = """
import time
from numbanet.backends.cuda import toolkit
from numbanet.backends.cuda.toolkit import cuda, dispatcher
inside, seen = [], []
def compile_ptx(kernel, signature, cc, launch_bounds):
    inside.append(cc)
    assert len(inside) == 1, "one at a time"
    time.sleep(0.02)
    seen.append((cc, dispatcher.get_current_device().compute_capability))
    inside.pop()
    return "", None
cuda.compile_ptx = compile_ptx
toolkit._device_of_numba = lambda: "the real one"
threads = [threading.Thread(target=toolkit.compile_ptx, args=(None, (), (8, i))) for i in range(8)]
for thread in threads:
    thread.start()
print({dispatcher.get_current_device() for _ in range(1000)})
for thread in threads:
    thread.join()
print(len(seen), all(asked == got for asked, got in seen), dispatcher.get_current_device())
"""
    assert stub.run(script)[0] == ["{'the real one'}", "8 True the real one"]


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"STUB_GPUS": "0"}, "the driver finds no NVIDIA GPU"),
        ({"STUB_CAPABILITY": "61"}, "Stub 0, compute capability 6.1, is older than 7.5"),
        ({"STUB_POOLS": "0"}, "Stub 0 has no memory pools"),
        ({"STUB_FAIL": "cuInit:803"}, "CUDA_ERROR_OF_THE_STUB: what the driver says"),
        ({}, "Stub 0, compute capability 9.0, driver for CUDA 13.0"),
    ],
)
def test_what_info_says(stub, settings, told):
    script = "from numbanet.backends.cuda import devices; print(devices.described())"
    printed, _ = stub.run(script, **settings)
    assert re.search(re.escape(told), printed[0])
    assert len(printed) == 1
