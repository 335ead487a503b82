#!/bin/sh
# Compiles styles/ into static/css/site.css. The result is committed: running the site needs no Node.
set -eu
cd "$(dirname "$0")/../styles"
[ -d node_modules ] || npm ci --ignore-scripts
npm run --silent build
