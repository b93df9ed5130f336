import { spawnSync } from 'node:child_process';
import { basename } from 'node:path';

/** Process ids of the agents of a run folder: its name stands in their command line or title. */
export function agentProcesses(runDirectory: string): number[] {
  const { stdout } = spawnSync('pgrep', ['-f', `slipway agent .*${basename(runDirectory)}`], { encoding: 'utf8' });
  return stdout.split('\n').filter(Boolean).map(Number);
}
