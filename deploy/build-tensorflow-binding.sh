#!/bin/sh
# Compiles the binding of @tensorflow/tfjs-node-gpu: build-tensorflow-binding.sh INCLUDE_FOLDER NODE_MODULES
#
# One compiler call; no node-gyp, nothing from the network. One file serves Node.js 20 to 24, CPU and GPU libraries.
# Exit codes: 0 done, 64 wrong usage, 69 no compiler.
set -eu

include=${1:-}
modules=${2:-}
if [ ! -d "$include" ] || [ ! -d "$modules" ]; then
  echo "usage: build-tensorflow-binding.sh INCLUDE_FOLDER NODE_MODULES" >&2
  exit 64
fi
if ! command -v g++ >/dev/null 2>&1; then
  echo "g++ is needed to compile TensorFlow's binding: apt-get install g++" >&2
  exit 69
fi
include=$(CDPATH='' cd -- "$include" && pwd)
modules=$(CDPATH='' cd -- "$modules" && pwd)
cd "$modules/@tensorflow/tfjs-node-gpu"

# Empty libraries with the right names: the linker only writes the names down, the real ones are found at run time.
stubs=$(mktemp -d)
trap 'rm -rf "$stubs"' EXIT
for name in libtensorflow_cc.so.2 libtensorflow_framework.so.2; do
  g++ -shared -x c /dev/null -o "$stubs/$name" -Wl,-soname,"$name"
done

mkdir -p lib/napi-v8
# Linked beside its place and renamed: a running program keeps the binding it has.
g++ -std=c++17 -O2 -fPIC -shared -s -DNAPI_VERSION=8 \
  -I "$modules/node-api-headers/include" -I "$include" -I . \
  binding/tfjs_backend.cc binding/tfjs_binding.cc -o "lib/napi-v8/.tfjs_binding.$$" \
  -Wl,--no-as-needed -L"$stubs" -l:libtensorflow_cc.so.2 -l:libtensorflow_framework.so.2 \
  -Wl,-rpath,"/opt/tf/lib:\$ORIGIN/../../deps/lib"
mv -f "lib/napi-v8/.tfjs_binding.$$" lib/napi-v8/tfjs_binding.node
