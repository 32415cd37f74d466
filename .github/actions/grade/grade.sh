#!/usr/bin/env bash
# What the action does, apart from caches and artifacts; it can be run anywhere.
#   KIT          the course's copy of the kit
#   SUBMISSION   the folder of the submission
#   LABS         the labs, by their numbers
#   ISOLATION    the least level at which is graded
#   REQUIRE_FULL whether a missing point is a failure (yes or no)
set -euo pipefail

out="${RUNNER_TEMP:?}/grades"
submission=$(cd "$SUBMISSION" && pwd)
kit=$(cd "$KIT" && pwd)
mkdir -p "$out"

if [ "$ISOLATION" = namespaces ]; then
  if ! command -v bwrap >/dev/null; then
    sudo apt-get update -q >/dev/null
    sudo apt-get install -q -y --no-install-recommends bubblewrap >/dev/null
  fi
  # Ubuntu lets nobody but named programs make user namespaces (AppArmor), unless told so.
  if [ -e /proc/sys/kernel/apparmor_restrict_unprivileged_userns ]; then
    sudo sysctl -q -w kernel.apparmor_restrict_unprivileged_userns=0
  fi
fi

# Not in a folder of the submission's: cargo would read its configuration there.
export CARGO_TARGET_DIR="$HOME/.cache/netlab-grade"
cd "$kit"
cargo build --quiet --locked --package grader
grade="$CARGO_TARGET_DIR/debug/grade"

worst=0 score=0 max_score=0
for lab in $LABS; do
  code=0
  "$grade" "$lab" "$submission" --require-isolation "$ISOLATION" \
    --report "json=$out/$lab.json" --report "html=$out/$lab.html" --report "github-annotations=$out/annotations" \
    --report "github-summary=${GITHUB_STEP_SUMMARY:-/dev/null}" || code=$?
  if [ -e "$out/annotations" ]; then
    cat "$out/annotations"
    rm "$out/annotations"
  fi
  if [ -e "$out/$lab.json" ]; then
    points() { sed -n "s/^  \"$1\": \([0-9]*\),\$/\1/p" "$out/$lab.json"; }
    score=$((score + $(points score)))
    max_score=$((max_score + $(points max_score)))
  fi
  # A grader that failed is always a failure of the job: nobody was judged.
  if [ "$code" -gt 1 ] || { [ "$code" -eq 1 ] && [ "$REQUIRE_FULL" = yes ]; }; then
    worst=$code
  fi
done
echo "score=$score" >>"${GITHUB_OUTPUT:-/dev/null}"
echo "max-score=$max_score" >>"${GITHUB_OUTPUT:-/dev/null}"
exit "$worst"
