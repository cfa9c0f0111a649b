#!/usr/bin/env bash
# A GPU checked and measured in one call, see docs/gpu_runbook.md.
#
#   asv_benchmarks/gpu.sh pack [FOLDER]   on any machine with a network: lay all that is needed into FOLDER
#   asv_benchmarks/gpu.sh 1|2|3 [...]     on the machine with the GPU: one stage; arguments go to gpu.py
#
# PYTHON=python3.12 names the interpreter, LIMIT=900 gives a stage so many seconds. What is printed is kept in
# gpu-stage-1.txt and so on.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
python="${PYTHON:-$(command -v python3.12 || command -v python3)}"
stage="${1:?pack, 1, 2 or 3}"
shift

if [ "$stage" = pack ]; then
    exec "$python" "$here/asv_benchmarks/gpu_environment.py" pack "${1:-$here/numbanet-gpu}"
fi
case "$stage" in
    1) limit="${LIMIT:-180}" ;;
    2) limit="${LIMIT:-300}" ;;
    3) limit="${LIMIT:-180}" ;;
    *) echo "a stage is 1, 2 or 3" >&2; exit 2 ;;
esac

"$python" "$here/asv_benchmarks/gpu_environment.py" prepare "$here/.venv-gpu" "$here/wheels"
export PYTHONPATH="$here" PYTHONUNBUFFERED=1
export NUMBANET_CACHE_DIR="${NUMBANET_CACHE_DIR:-$here/cache}" NUMBANET_CUDA_PORTABLE=1
export python="$here/.venv-gpu/bin/python" scripts="$here/asv_benchmarks"
status=0
timeout --kill-after=5 "$limit" bash -c '"$python" "$scripts/gpu_versions.py"; exec "$python" "$scripts/gpu.py" "$@"' \
    gpu "$stage" "$@" 2>&1 | tee "$here/gpu-stage-$stage.txt" || status=$?
[ "$status" = 124 ] && echo "stage $stage: ended by its limit of $limit s; the rows above count" |
    tee -a "$here/gpu-stage-$stage.txt"
exit "$status"
