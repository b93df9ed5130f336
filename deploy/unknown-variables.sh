#!/bin/sh
# Warns of the variables on make's command line that make does not know, each with the one that was probably meant.
# Their names come in UNKNOWN_VARIABLES, those of the known ones in KNOWN_VARIABLES: no shell reads what a person typed.
exec awk 'BEGIN {
  count = split(ENVIRON["KNOWN_VARIABLES"], known, " ")
  unknown = split(ENVIRON["UNKNOWN_VARIABLES"], names, " ")
  for (i = 1; i <= unknown; i++) {
    name = names[i]
    shown = name
    gsub(/[^ -~]/, "?", shown)
    meant = nearest(toupper(name))
    if (meant != "") advice = "; did you mean " meant "?"
    else if (name ~ /^[a-z][a-z0-9_-]*$/) advice = ": parameters are given as P=\"" name "=value\""
    else advice = "; `make` alone lists those there are"
    printf "! warning: make knows no variable %s, which has no effect%s\n", shown, advice
  }
}

# The known name that is a part of the given one or the other way round, else the one with the fewest letters to change.
function nearest(given,   i, edits, best, fewest, most) {
  if (given ~ /^PARAM/) return "P"
  fewest = 1000
  for (i = 1; i <= count; i++) {
    if (given == known[i]) return known[i]
    if (length(known[i]) < 4) continue
    if (length(given) >= 4 && (index(known[i], given) || index(given, known[i]))) return known[i]
    edits = distance(given, known[i])
    if (edits < fewest) { fewest = edits; best = known[i] }
  }
  most = int((length(given) > length(best) ? length(given) : length(best)) / 3)
  return fewest <= most ? best : ""
}

# Levenshtein distance.
function distance(one, other,   i, j, rows, columns, cost, cells) {
  rows = length(one); columns = length(other)
  for (i = 0; i <= rows; i++) cells[i, 0] = i
  for (j = 0; j <= columns; j++) cells[0, j] = j
  for (i = 1; i <= rows; i++) for (j = 1; j <= columns; j++) {
    cost = substr(one, i, 1) == substr(other, j, 1) ? 0 : 1
    cells[i, j] = least(least(cells[i - 1, j] + 1, cells[i, j - 1] + 1), cells[i - 1, j - 1] + cost)
  }
  return cells[rows, columns]
}

function least(one, other) { return one < other ? one : other }' >&2
