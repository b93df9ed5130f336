#!/bin/sh
# Puts TensorFlow's libraries and C headers into a folder: install-tensorflow.sh PREFIX cpu|gpu
#
# They come from the official Python wheel, which is only unpacked: PREFIX/lib/libtensorflow_{cc,framework}.so.2,
# PREFIX/include, and for a GPU NVIDIA's libraries in PREFIX/nvidia/*/lib, where TensorFlow looks for them.
# Needs python3 with pip (for the download alone) and, to make the libraries smaller, strip.
# Exit codes: 0 done, 64 wrong usage or another processor, 69 a tool is missing or the download failed.
set -eu

prefix=${1:-}
flavor=${2:-}
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)

if [ -z "$prefix" ] || { [ "$flavor" != cpu ] && [ "$flavor" != gpu ]; }; then
  echo "usage: install-tensorflow.sh PREFIX cpu|gpu" >&2
  exit 64
fi
if [ "$(uname -s)-$(uname -m)" != Linux-x86_64 ]; then
  echo "TensorFlow's libraries are taken for Linux on x86-64; this is $(uname -s) on $(uname -m)." >&2
  exit 64
fi
if ! python3 -m pip --version >/dev/null 2>&1; then
  echo "python3 with pip is needed to download TensorFlow: apt-get install python3-pip" >&2
  exit 69
fi

mkdir -p "$prefix"
download=$(mktemp -d "$prefix/.download-XXXXXX")
trap 'rm -rf "$download"' EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

# The wheel is for CPython 3.11 whatever Python downloads it: none of its Python runs.
set --
for glibc in 2_27 2_26 2_25 2_24 2_18 2_17 2_12 2_5; do
  set -- "$@" --platform "manylinux_${glibc}_x86_64"
done
echo "Downloading TensorFlow ($flavor)"
python3 -m pip download --quiet --disable-pip-version-check --no-cache-dir --no-deps --only-binary=:all: --require-hashes \
  --python-version 3.11 --implementation cp --abi cp311 --abi none "$@" --platform manylinux2014_x86_64 \
  --dest "$download" --requirement "$here/tensorflow-$flavor.txt" || {
  echo "TensorFlow could not be downloaded from the Python package index." >&2
  exit 69
}

echo "Unpacking TensorFlow ($flavor)"
python3 - "$download" "$prefix" <<'PYTHON'
import pathlib, re, shutil, sys, zipfile

download, prefix = map(pathlib.Path, sys.argv[1:])
# What a caller of TensorFlow's C interface includes, and no more: the wheel has 190 MB of headers.
headers = re.compile(r'tensorflow/include/((tensorflow/c|xla/tsl/c)/.*\.h|(tensorflow/core/platform|tsl/platform|xla/tsl/platform)/ctstring.*\.h)$')
libraries = re.compile(r'tensorflow/(libtensorflow_(?:cc|framework)\.so\.2)$')
# Left out: variants nothing loads, the multi-GPU solver, profilers.
nvidia = re.compile(r'nvidia/(?!.*(\.alt\.so|libcusolverMg|libnvperf|libpcsamplingutil)).*\.so[.0-9]*$|nvidia/cuda_nvcc/(bin/ptxas|nvvm/libdevice/.*)$')

for wheel in sorted(download.glob('*.whl')):
    with zipfile.ZipFile(wheel) as archive:
        for name in archive.namelist():
            if found := headers.match(name):
                target = prefix / 'include' / found.group(1)
            elif found := libraries.match(name):
                target = prefix / 'lib' / found.group(1)
            elif nvidia.match(name):
                target = prefix / name
            else:
                continue
            target.parent.mkdir(parents=True, exist_ok=True)
            with archive.open(name) as source, open(target, 'wb') as output:
                shutil.copyfileobj(source, output, 1 << 20)
            if '/bin/' in name:
                target.chmod(0o755)
    wheel.unlink()
PYTHON

if [ "$flavor" = gpu ]; then
  # cuSOLVER is missing from the library's search path; cuBLAS, which is on it, lends its place.
  ln -sf ../../cusolver/lib/libcusolver.so.11 "$prefix/nvidia/cublas/lib/"
fi
if command -v strip >/dev/null 2>&1; then
  strip --strip-unneeded "$prefix"/lib/libtensorflow_*.so.2
fi
echo "TensorFlow is in $prefix"
