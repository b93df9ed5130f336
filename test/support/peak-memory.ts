import { readdirSync, readFileSync } from 'node:fs';

const everyMs = 20;

/** Watches the processes below one and keeps the most memory each has held at a time. */
export interface MemoryWatch {
  /** Ends the watch; MiB by what the process is called on its command line, the largest of each. */
  stop(): Readonly<Record<string, number>>;
}

/**
 * Watches the descendants of a process, and the process itself, that `name` gives a name; it gets the command line.
 * Linux keeps the peak (VmHWM) of every process until it ends, so that only its last milliseconds can be missed.
 */
export function watchMemory(root: number, name: (commandLine: string) => string | null): MemoryWatch {
  const family = new Set([root]);
  const peaks: Record<string, number> = {};
  const look = (): void => {
    for (const entry of readdirSync('/proc')) {
      if (!/^\d+$/.test(entry)) continue;
      const status = read(`/proc/${entry}/status`);
      const parent = Number(/^PPid:\s+(\d+)/m.exec(status)?.[1]);
      // Who was seen once stays in the family: an agent outlives the process that started it.
      if (!family.has(Number(entry)) && !family.has(parent)) continue;
      family.add(Number(entry));
      const label = name(read(`/proc/${entry}/cmdline`).replaceAll('\0', ' '));
      const peakKiB = Number(/^VmHWM:\s+(\d+)/m.exec(status)?.[1] ?? 0);
      if (label !== null) peaks[label] = Math.max(peaks[label] ?? 0, peakKiB / 1024);
    }
  };
  const timer = setInterval(look, everyMs);
  return {
    stop: () => {
      clearInterval(timer);
      return peaks;
    },
  };
}

/** Empty for a process that has ended meanwhile. */
function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
