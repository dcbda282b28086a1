#!/bin/sh
# Runs one program of Windows for nextest. Wine does not get some of its programs started when many come and go: they end
# with 1 and not a word. A test says which tests it runs before anything else, so only what never began is begun again.
said=$(mktemp)
trap 'cat "$said"; rm -f "$said"; exit 143' TERM
"$WINE_PROGRAM" "$@" >"$said"
code=$?
if [ "$code" -eq 1 ] && [ ! -s "$said" ]; then
    echo "Wine did not start $1; once more." >&2
    "$WINE_PROGRAM" "$@" >"$said"
    code=$?
fi
cat "$said"
rm -f "$said"
exit "$code"
