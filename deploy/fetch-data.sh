#!/bin/sh
# Downloads the NIH malaria cell images (27,558 PNGs, 337 MB) to <storage>/cell_images.zip; goes on where it stopped.
set -u
address=${SLIPWAY_DATA_URL:-https://data.lhncbc.nlm.nih.gov/public/Malaria/cell_images.zip}
storage=${SLIPWAY_STORAGE:-}
if [ -z "$storage" ]; then
  if [ -d /storage ] && [ -w /storage ]; then storage=/storage; else storage=storage; fi
fi
target=$storage/cell_images.zip
if [ -f "$target" ]; then
  echo "The data are there already: $target" >&2
  exit 0
fi
mkdir -p "$storage" || exit 73
echo "… downloading the NIH malaria cells to $target" >&2
if ! curl --fail --location --continue-at - --output "$target.part" --progress-bar "$address"; then
  echo "slipway: the data could not be downloaded from $address." >&2
  echo "  → put cell_images.zip into $storage yourself; a run takes it with P=\"data=/storage/cell_images.zip\"" >&2
  exit 69
fi
# A zip archive ends with its directory; a file without one is an error page or a part.
if ! tail -c 65558 "$target.part" | LC_ALL=C grep -qa "$(printf 'PK\005\006')"; then
  echo "slipway: what $address sent is not a whole zip archive; it is kept as $target.part." >&2
  exit 69
fi
mv "$target.part" "$target"
echo "✓ $target" >&2
echo "  train on it: make run P=\"data=/storage/cell_images.zip\"" >&2
