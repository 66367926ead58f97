// Evidence that a process ran out of memory: the kernel's counter, or what it said last.
import { readFileSync } from 'node:fs';

/**
 * How often the kernel has killed for memory: in our control group if that can be read, else on the
 * machine. A rise during an attempt that ended by SIGKILL is the evidence; null where neither is there.
 */
export function readOutOfMemoryKills(): number | null {
  for (const [file, field] of counters()) {
    const found = new RegExp(`^${field} (\\d+)$`, 'm').exec(read(file) ?? '');
    if (found) return Number(found[1]);
  }
  return null;
}

function counters(): [file: string, field: string][] {
  const lines = (read('/proc/self/cgroup') ?? '').trim().split('\n');
  const groups = lines.map((line) => {
    const [, controllers = '', path = ''] = line.split(':');
    return { controllers: controllers.split(','), path };
  });
  const v1 = groups.find((group) => group.controllers.includes('memory'));
  const v2 = groups.find((group) => group.controllers[0] === '');
  return [
    // In a container the group's own path is often mounted as the root.
    ...(v1
      ? ([
          [`/sys/fs/cgroup/memory${v1.path}/memory.oom_control`, 'oom_kill'],
          ['/sys/fs/cgroup/memory/memory.oom_control', 'oom_kill'],
        ] as [string, string][])
      : []),
    ...(v2
      ? ([
          [`/sys/fs/cgroup${v2.path}/memory.events`, 'oom_kill'],
          ['/sys/fs/cgroup/memory.events', 'oom_kill'],
        ] as [string, string][])
      : []),
    ['/proc/vmstat', 'oom_kill'],
  ];
}

function read(file: string): string | null {
  try {
    return readFileSync(file, 'latin1');
  } catch {
    return null;
  }
}

/** What V8, C++, Rust and TensorFlow print when an allocation fails. */
const lastWords =
  /heap out of memory|Array buffer allocation failed|std::bad_alloc|memory allocation of \d+ bytes failed|OOM when allocating|Cannot allocate memory|RESOURCE_EXHAUSTED/i;

/** True if the end of a process's stderr says that memory ran out. */
export function saysOutOfMemory(stderr: string): boolean {
  return lastWords.test(stderr);
}
