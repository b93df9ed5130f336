import { ExitCode, SlipwayError } from '../src/errors.ts';

/** The training was asked to stop: neither a success nor a failure. */
export class TrainingStopped extends SlipwayError {}

/** Turns the first SIGINT or SIGTERM into an abort; a second one ends the process as the system does. */
export function listenForStop(): { readonly signal: AbortSignal; dispose(): void } {
  const controller = new AbortController();
  const codes = { SIGINT: ExitCode.interrupted, SIGTERM: ExitCode.terminated } as const;
  const stop = (name: NodeJS.Signals): void => {
    dispose();
    const exitCode = name === 'SIGINT' ? codes.SIGINT : codes.SIGTERM;
    controller.abort(new TrainingStopped(`The training was stopped by ${name}.`, { exitCode }));
  };
  const dispose = (): void => {
    for (const name of Object.keys(codes)) process.off(name, stop);
  };
  for (const name of Object.keys(codes)) process.on(name, stop);
  return { signal: controller.signal, dispose };
}
