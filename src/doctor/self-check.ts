import { delimiter, dirname, join } from 'node:path';
import { z } from 'zod';
import { DockerApiError } from '../docker/index.ts';
import { visibleDevices } from '../executors/host-variables.ts';
import { formatDuration } from '../util/format.ts';
import { lastLine, type ProgramEnd, runProgram } from '../util/run-program.ts';
import { broken, fine, type Outcome, skipped, unchecked } from './check.ts';
import type { DoctorContext } from './context.ts';
import { hostLibraries, isThere } from './host-libraries.ts';
import { runContainer } from './run-container.ts';
import { connectedEngine, projectImages, runEngine } from './shared-parts.ts';

/** The command of our trainer that loads TensorFlow and trains one step (`trainer/tensorflow/self-check.ts`). */
const program = join('bin', 'train');
const words = [program, '--self-check'];

const answerSchema = z.object({
  ok: z.boolean(),
  /** What failed, in words; null where nothing did. */
  problem: z.string().nullish(),
  tensorflow: z.string().nullish(),
  device: z.enum(['CPU', 'GPU']).nullish(),
  loss: z.number().nullish(),
  durationMs: z.number().nullish(),
});
type Answer = z.infer<typeof answerSchema>;

/** Loads TensorFlow and trains one step where a run would: in the project's image, or on this machine. */
export async function trainOneStep(context: DoctorContext, signal: AbortSignal): Promise<Outcome> {
  if (!(await isThere(join(context.projectDirectory, program)))) {
    return skipped('This project has no bin/train that could check itself');
  }
  return (await runEngine(context)) === 'docker' ? inImage(context, signal) : onHost(context, signal);
}

async function inImage(context: DoctorContext, signal: AbortSignal): Promise<Outcome> {
  const [image] = await projectImages(context);
  if (image === undefined) {
    const flavor = context.gpus === null ? '' : ' for GPUs';
    return skipped(`There is no image of this project${flavor} yet; the first run builds it`);
  }
  const engine = await connectedEngine(context);
  const name = image.tags[0] ?? image.id;
  try {
    const gpus: Record<string, string> =
      context.gpus === null ? {} : { SLIPWAY_GPUS: context.gpus, NVIDIA_DRIVER_CAPABILITIES: 'compute,utility' };
    const { exitCode, output } = await runContainer(
      engine,
      { image: image.id, command: ['node', ...words], network: 'none', environment: gpus, gpus: context.gpus },
      context,
      signal,
    );
    return judge(`in ${name}`, { exitCode, signalName: null, stdout: output, stderr: '' }, { image: name });
  } catch (error) {
    if (!(error instanceof DockerApiError)) throw error;
    return broken(`A container of ${name} cannot be started: ${error.reason}`, { facts: { image: name } });
  }
}

async function onHost(context: DoctorContext, signal: AbortSignal): Promise<Outcome> {
  if ((await hostLibraries(context))?.prefix == null) return unchecked('TensorFlow is not on this machine yet');
  const { environment, gpus, node, projectDirectory } = context;
  const end = await runProgram(node.executable, words, {
    environment: {
      ...environment,
      PATH: `${dirname(node.executable)}${delimiter}${environment.PATH ?? ''}`,
      ...visibleDevices(gpus),
      ...(gpus === null ? {} : { SLIPWAY_GPUS: gpus }),
    },
    directory: projectDirectory,
    signal,
  });
  return judge('on this machine', end, {});
}

/** What a signal that the processor or the kernel sends says about a library. */
const signalReasons: Readonly<Record<string, string>> = {
  SIGILL: 'the processor lacks an instruction that the library uses',
  SIGSEGV: 'the library broke down (SIGSEGV)',
  SIGBUS: 'a file of the library is cut off (SIGBUS)',
  SIGABRT: 'the library gave up (SIGABRT)',
  SIGKILL: 'it was killed, as the kernel does where memory is short (SIGKILL)',
};
/** A container tells a signal as 128 and its number. */
const signalNumbers: Readonly<Record<number, string>> = {
  132: 'SIGILL',
  134: 'SIGABRT',
  135: 'SIGBUS',
  137: 'SIGKILL',
  139: 'SIGSEGV',
};
const wrongUsage = 64;

function judge(where: string, end: ProgramEnd, facts: Readonly<Record<string, unknown>>): Outcome {
  const answer = parseAnswer(end.stdout);
  if (answer?.ok) {
    const { tensorflow, device, loss, durationMs } = answer;
    const took = durationMs == null ? '' : `, in ${formatDuration(durationMs)}`;
    return fine(`TensorFlow ${tensorflow ?? ''} loads and trains on the ${device ?? 'CPU'} ${where}${took}`, {
      ...facts,
      tensorflow,
      device,
      loss,
      durationMs,
    });
  }
  if (answer !== null) return broken(`${capital(answer.problem ?? 'It does not work')} (${where})`, { facts });
  const signalName = end.signalName ?? signalNumbers[end.exitCode ?? 0];
  if (signalName !== undefined) {
    const reason = signalReasons[signalName] ?? `it was ended by ${signalName}`;
    return broken(`TensorFlow does not run ${where}: ${reason}`, { facts: { ...facts, signalName } });
  }
  if (end.exitCode === wrongUsage) return skipped(`The program ${where} is older than this check`);
  const said = lastLine(end.stderr) || lastLine(end.stdout) || 'it wrote nothing';
  return broken(`The program ${where} ended with exit code ${end.exitCode}: ${said}`, { facts });
}

/** The line of JSON, wherever it stands among what libraries write. */
function parseAnswer(text: string): Answer | null {
  for (const line of text.split('\n').reverse()) {
    if (!line.startsWith('{')) continue;
    try {
      return answerSchema.parse(JSON.parse(line));
    } catch {
      // A line of something else.
    }
  }
  return null;
}

function capital(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`.replace(/\.$/, '');
}
