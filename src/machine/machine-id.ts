import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { errorCode } from '../errors.ts';

/** What tells this machine from others that share its storage. */
export function machineId(): string {
  try {
    return readFileSync('/etc/machine-id', 'utf8').trim() || hostname();
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return hostname();
    throw error;
  }
}
