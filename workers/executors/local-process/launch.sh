#!/bin/sh
# Runs one stage process and leaves word of its start and its end in the attempt's folder.
# launch.sh FOLDER MEMORY_KIB COMMAND [ARGUMENT…]; MEMORY_KIB 0 = no limit.
folder=$1
memory=$2
shift 2

# Our identity: pid, start time in clock ticks (field 22 of stat) and the boot, so that a recycled
# pid is never taken for ours.
read -r stat </proc/$$/stat
start=$(
  set -- ${stat##*) }
  shift 19
  echo "$1"
)
read -r boot </proc/sys/kernel/random/boot_id

# A hard link is made once only: of two launchers for one attempt the second goes away here.
printf '{"pid":%d,"startTicks":%s,"bootId":"%s"}\n' $$ "$start" "$boot" >"$folder/process.$$" || exit 70
ln "$folder/process.$$" "$folder/process.json" 2>/dev/null
taken=$?
rm -f "$folder/process.$$"
[ $taken -eq 0 ] || exit 0

# The room for the exit code is taken now: on a full disk it could not be had later.
printf '%32s\n' '' >"$folder/exit.json"

# Data segment = private writable memory. The address space is no use: V8 reserves much more than it takes.
if [ "$memory" -gt 0 ]; then ulimit -d "$memory"; fi

# A signal to the group is for the stage; we stay to write down how it ended.
trap : TERM INT HUP
"$@" >>"$folder/events.ndjson" 2>>"$folder/stderr.log" </dev/null
code=$?
printf '{"code":%d}' $code 1<>"$folder/exit.json"
