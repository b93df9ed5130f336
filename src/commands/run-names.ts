import type { Argv } from 'yargs';

/** The runs that a verb is for. */
export function withRunNames<Arguments>(arguments_: Argv<Arguments>): Argv<Arguments> {
  return arguments_.positional('runs', {
    type: 'string',
    array: true,
    demandOption: true,
    // Else the help shows an empty list as what is meant by default.
    default: undefined,
    describe: 'The runs: each by its id, its id in MLflow, the start of either, or its name',
  }) as Argv<Arguments>;
}

/** The names that were given, each once. */
export function runNames(given: Readonly<Record<string, unknown>>): string[] {
  return [...new Set((given.runs as readonly unknown[]).map(String))];
}

/** How a run is called in a sentence. */
export function calledRun({ runId, runName }: { readonly runId: string; readonly runName: string | null }): string {
  return runName === null ? runId : `${runName} (${runId})`;
}
