import type { ProgramOutput } from '../executors/executor.ts';
import type { RunContext } from './run-context.ts';

/** Where the output of the attempt that the record is of goes, and what of it is not shown. */
export function programOutput(run: RunContext): ProgramOutput {
  const { attempt, outputStarts } = run.record;
  return {
    runDirectory: run.paths.directory,
    attempt,
    starts: outputStarts,
    secrets: run.secrets,
    onWarning: (text) => run.emit({ type: 'warning', text }),
  };
}
