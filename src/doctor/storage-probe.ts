import { join } from 'node:path';
import { z } from 'zod';
import { packageRoot } from '../util/package-root.ts';
import { lastLine, runProgram } from '../util/run-program.ts';
import { type DoctorContext, shared } from './context.ts';

/** A file system may need some seconds to wake up; one that is gone never answers. */
const usualTimeoutMs = 15_000;

/** What the system refused. */
const refusal = z.object({ code: z.string(), operation: z.string().nullable() });
const steps = {
  stat: z.object({
    path: z.string(),
    isFolder: z.boolean(),
    uid: z.number(),
    gid: z.number(),
    mode: z.number(),
    mayWrite: z.boolean(),
    isThere: z.boolean(),
  }),
  space: z.object({
    freeBytes: z.number(),
    totalBytes: z.number(),
    freeFiles: z.number(),
    totalFiles: z.number(),
  }),
  write: z.object({ bytes: z.number(), isSame: z.boolean(), durationMs: z.number() }),
};

/** A step of the probe: what it found, why the system refused it, or nothing where it never answered. */
export type Step<Name extends keyof typeof steps> = z.infer<(typeof steps)[Name]> | z.infer<typeof refusal> | null;

/** What is known of the storage folder, or of the part of its path that is there. */
export interface StorageProbe {
  readonly stat: Step<'stat'>;
  readonly space: Step<'space'>;
  /** Null also where there is no folder to write to. */
  readonly write: Step<'write'>;
  /** True where the file system did not answer in time. */
  readonly isSilent: boolean;
}

/** What is known of the storage; looked at once in each round of checks. */
export const storageProbe = shared((context: DoctorContext): Promise<StorageProbe> => probeStorage(context));

/** Looks at the storage in a process of its own (deploy/probe-folder.mjs), which can be left behind. */
export async function probeStorage(context: DoctorContext, timeoutMs = usualTimeoutMs): Promise<StorageProbe> {
  const limit = AbortSignal.timeout(timeoutMs);
  let said = '';
  let isSilent = false;
  try {
    const end = await runProgram(
      context.node.executable,
      [join(packageRoot(), 'deploy', 'probe-folder.mjs'), context.storageDirectory],
      {
        environment: context.environment,
        signal: AbortSignal.any([context.signal, limit]),
        onStdout: (text) => {
          said = text;
        },
      },
    );
    if (end.exitCode !== 0) throw new Error(lastLine(end.stderr));
  } catch (error) {
    context.signal.throwIfAborted();
    if (!limit.aborted) throw error;
    isSilent = true;
  }
  return { stat: stepOf(said, 'stat'), space: stepOf(said, 'space'), write: stepOf(said, 'write'), isSilent };
}

/** True for a step that the system refused. */
export function isRefused(step: object | null): step is z.infer<typeof refusal> {
  return step !== null && 'code' in step;
}

function stepOf<Name extends keyof typeof steps>(text: string, name: Name): Step<Name> {
  const lines = text.slice(0, text.lastIndexOf('\n') + 1).split('\n');
  const line = lines.find((each) => each.startsWith(`{"step":"${name}"`));
  if (line === undefined) return null;
  return z.union([refusal, steps[name]]).parse(JSON.parse(line)) as Step<Name>;
}
