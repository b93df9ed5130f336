import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';

/** Kills the program of a run's attempt with all its processes, as a power cut would, on whichever engine it runs. */
export function killProgram(runDirectory: string, attempt = 1): void {
  const suffix = attempt === 1 ? '' : `-${attempt}`;
  const claim = join(runDirectory, 'logs', `program${suffix}.pid`);
  if (existsSync(claim)) process.kill(-Number(readFileSync(claim, 'utf8')), 'SIGKILL');
  else execFileSync('docker', ['kill', `slipway-${basename(runDirectory)}${suffix}`], { stdio: 'ignore' });
}
