import { readFile } from 'node:fs/promises';
import { errorCode } from '../errors.ts';
import type { ProgramStats } from './executor.ts';

/** What this machine's interfaces have carried since its start, without the loopback; null where the kernel does not tell. */
export async function machineTraffic(): Promise<ProgramStats['network']> {
  try {
    return parseTraffic(await readFile('/proc/net/dev', 'utf8'));
  } catch (error) {
    if (errorCode(error) === 'ENOENT' || errorCode(error) === 'EACCES') return null;
    throw error;
  }
}

/**
 * Reads `/proc/net/dev` (proc_net_dev(5)): of each interface, after its name and a colon, 8 counters of what it received and 8
 * of what it sent; bytes are the first of each. Interfaces of containers and bridges carry what a real one does once
 * more, and are left out.
 */
export function parseTraffic(text: string): ProgramStats['network'] {
  let [inBytes, outBytes, interfaces] = [0, 0, 0];
  for (const line of text.split('\n')) {
    const [, name, counters] = /^\s*([^\s:]+):\s*(.*)$/.exec(line) ?? [];
    if (name === undefined || counters === undefined || /^(lo$|veth|docker|br-|virbr|cni|cali|tap|tun)/.test(name))
      continue;
    const values = counters.trim().split(/\s+/).map(Number);
    inBytes += values[0] ?? 0;
    outBytes += values[8] ?? 0;
    interfaces += 1;
  }
  return interfaces === 0 ? null : { inBytes, outBytes, isOwn: false };
}
