import { constants } from 'node:fs';
import { access, mkdir } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { environment } from '../config.ts';
import { type ContainerStatus, DockerApiError, DockerEngine } from '../docker/index.ts';
import { SlipwayError, UnavailableError } from '../errors.ts';
import { ensureImage, isStrictImage } from '../image/index.ts';
import type { RunPlan } from '../runs/plan.ts';
import { ownGroupOf } from '../util/group-folder.ts';
import type { OnExchange } from '../util/http-exchange.ts';
import { sleep } from '../util/sleep.ts';
import { variablesOf } from '../util/variables-of.ts';
import { containerLabels, containerName, containerOptions } from './container-options.ts';
import { copyContainerOutput } from './container-output.ts';
import { describeContainer } from './describe-program.ts';
import {
  type Executor,
  type ExecutorContext,
  type PreparedProgram,
  type ProgramExit,
  ProgramGoneError,
  type ProgramHandle,
  type ProgramImage,
  type ProgramOutput,
  type ProgramStart,
  type ProgramStats,
  type ProgramStatus,
} from './executor.ts';
import { imageRequest } from './image-request.ts';
import { machineTraffic } from './machine-traffic.ts';

/** How long an engine may be away (a restart) before a running program is given up. */
const engineAbsenceMs = 300_000;
const retryAfterMs = 1000;
/** 128 and the number of SIGKILL. */
const killedExitCode = 137;
const memoryFlagDelayMs = 300;

/** Runs programs in containers of a Docker engine. */
export class DockerExecutor implements Executor {
  readonly name = 'docker';
  readonly #onExchange: OnExchange | undefined;
  #engine: Promise<DockerEngine> | null = null;

  /** @param onExchange Hears of every request to the engine. */
  constructor(onExchange?: OnExchange) {
    this.#onExchange = onExchange;
  }

  async prepare(
    plan: RunPlan,
    context: ExecutorContext,
    earlier: ProgramImage | null = null,
  ): Promise<PreparedProgram> {
    const engine = await this.#connect(context.signal);
    if (plan.gpus !== null) await requireGpuRuntime(engine, context.signal);
    if (earlier !== null && (await engine.inspectImage(earlier.id, context)) !== null) {
      context.onDetail?.(`Image ${earlier.name} (${earlier.id}) is that of the attempts before.`);
      return { image: earlier, reused: true };
    }
    const image = await ensureImage(engine, imageRequest(plan, earlier), context);
    return { image: { name: image.name, id: image.id, recipe: image.recipe }, reused: image.reused };
  }

  async start(start: ProgramStart, context: ExecutorContext): Promise<ProgramHandle> {
    const { plan, prepared } = start;
    const { signal } = context;
    const engine = await this.#connect(signal);
    if (prepared.image === null) throw new SlipwayError('A container needs an image, and none was prepared.');
    const [existing, image] = await Promise.all([
      engine.inspectContainer(containerName(plan), { signal }),
      engine.inspectImage(prepared.image.id, { signal }),
      // The engine would make the mount point itself, owned by root.
      mkdir(join(plan.storage.directory, 'mlflow'), { recursive: true }),
    ]);
    if (image === null)
      throw new UnavailableError(`The image ${prepared.image.name} was removed after it was prepared.`, {
        hint: 'Is someone cleaning up the engine? Launch again.',
      });
    if (existing !== null && existing.state !== 'created') return handleOf(existing.id);
    const isStrict = isStrictImage(image);
    const storageGroup = ownGroupOf(plan.storage.directory);
    const facts = { imageId: image.id, isStrict, environment: start.environment, storageGroup };
    const options = containerOptions(plan, facts);
    context.onDetail?.(describeContainer(options, plan.project.command, isStrict));
    // Without the signal: an engine that is left alone with it makes the container all the same, and nobody knows its id.
    const id = existing?.id ?? (await engine.createContainer(options));
    try {
      await engine.startContainer(id, { signal });
    } catch (error) {
      await engine.removeContainer(id);
      if (!(error instanceof DockerApiError)) throw error;
      throw new SlipwayError(`The container of run ${plan.runId} could not be started: ${error.reason}`, {
        hint: "The reason is the engine's own; --verbose shows how the container was to be made.",
        cause: error,
      });
    }
    return handleOf(id);
  }

  async inspect(handle: ProgramHandle): Promise<ProgramStatus> {
    const engine = await this.#connect();
    const status = await engine.inspectContainer(containerId(handle));
    if (status === null) return { state: 'gone' };
    return hasEnded(status) ? { state: 'exited', exit: exitOf(status) } : { state: 'running' };
  }

  async wait(handle: ProgramHandle, signal: AbortSignal): Promise<ProgramExit> {
    const id = containerId(handle);
    return this.#persistently(signal, async (engine) => {
      for (;;) {
        await engine.waitContainer(id, { signal }).catch((error: unknown) => {
          throw isMissing(error) ? gone(id) : error;
        });
        const status = await engine.inspectContainer(id, { signal });
        if (status === null) throw gone(id);
        if (hasEnded(status)) return exitOf(await withMemoryFlag(engine, status, signal));
        await sleep(retryAfterMs, { signal });
      }
    });
  }

  async followOutput(handle: ProgramHandle, output: ProgramOutput, signal: AbortSignal): Promise<void> {
    const id = containerId(handle);
    await this.#persistently(signal, async (engine) => {
      const inspect = (): Promise<ContainerStatus | null> => engine.inspectContainer(id, { signal });
      const isOver = async (): Promise<boolean> => {
        const status = await inspect();
        return status === null || hasEnded(status);
      };
      for (let status = await inspect(); status !== null; status = await inspect()) {
        // A stream that was open while the container ended may have ended before the last lines were stored.
        const isLast = hasEnded(status);
        try {
          await copyContainerOutput(engine, id, { output, signal, hasEnded: isOver }, isLast);
        } catch (error) {
          // Removed meanwhile: what there was of its output went with it.
          if (isMissing(error)) return;
          throw error;
        }
        if (isLast) return;
        // The stream ended and the program did not: the engine was restarted, or the container is between two states.
        if (!(await isOver())) await sleep(retryAfterMs / 10, { signal });
      }
    });
  }

  async variables(handle: ProgramHandle): Promise<Readonly<Record<string, string>> | null> {
    const status = await this.#persistently(new AbortController().signal, (engine) =>
      engine.inspectContainer(containerId(handle)),
    );
    return status === null ? null : variablesOf(status.environment);
  }

  async stats(handle: ProgramHandle, signal: AbortSignal): Promise<ProgramStats | null> {
    const engine = await this.#connect(signal);
    const stats = await engine.containerStats(containerId(handle), { signal });
    if (stats === null) return null;
    const { processes: _, network, ...rest } = stats;
    // A container on the machine's own network has no counters of its own.
    return { ...rest, network: network === null ? await machineTraffic() : { ...network, isOwn: true } };
  }

  /** A container's processes all end with its first. */
  async leftovers(): Promise<readonly number[]> {
    return [];
  }

  async stop(handle: ProgramHandle, how: 'polite' | 'force'): Promise<void> {
    const engine = await this.#connect();
    await engine.killContainer(containerId(handle), how === 'polite' ? 'SIGTERM' : 'SIGKILL');
  }

  async remove(handle: ProgramHandle): Promise<void> {
    const engine = await this.#connect();
    await engine.removeContainer(containerId(handle));
  }

  async find(plan: RunPlan, { withUnstarted = false } = {}): Promise<ProgramHandle | null> {
    const engine = await this.#connect();
    const containers = await engine.listContainers({ label: `${containerLabels.run}=${plan.runId}` });
    // One that was made and never started has run nothing: start takes it up.
    const name = containerName(plan);
    const container = containers.find((each) => each.name === name && (withUnstarted || each.state !== 'created'));
    return container === undefined ? null : handleOf(container.id);
  }

  #connect(signal?: AbortSignal): Promise<DockerEngine> {
    const options = { environment: environment(), signal, onExchange: this.#onExchange };
    this.#engine ??= DockerEngine.connect(options).catch((error: unknown) => {
      this.#engine = null;
      throw error;
    });
    return this.#engine;
  }

  /** Asks again while the engine is away: a program must not be given up because its engine is being restarted. */
  async #persistently<T>(signal: AbortSignal, ask: (engine: DockerEngine) => Promise<T>): Promise<T> {
    let awaySinceMs: number | null = null;
    for (;;) {
      try {
        const engine = await this.#connect(signal);
        if (awaySinceMs !== null && (await engine.info({ signal })).version !== '') awaySinceMs = null;
        return await ask(engine);
      } catch (error) {
        signal.throwIfAborted();
        if (!(error instanceof UnavailableError)) throw error;
        awaySinceMs ??= performance.now();
        if (performance.now() - awaySinceMs > engineAbsenceMs) throw error;
        await sleep(retryAfterMs, { signal });
      }
    }
  }
}

/** The engine learns by another way, and sometimes a moment later, that a killed program was out of memory. */
async function withMemoryFlag(
  engine: DockerEngine,
  status: ContainerStatus,
  signal: AbortSignal,
): Promise<ContainerStatus> {
  if (status.exitCode !== killedExitCode || status.outOfMemory) return status;
  await sleep(memoryFlagDelayMs, { signal });
  return (await engine.inspectContainer(status.id, { signal })) ?? status;
}

function handleOf(id: string): ProgramHandle {
  return { executor: 'docker', containerId: id };
}

function containerId(handle: ProgramHandle): string {
  const id = handle.containerId;
  if (typeof id !== 'string') throw new SlipwayError('The handle of this run is not one of the Docker executor.');
  return id;
}

function hasEnded(status: ContainerStatus): boolean {
  return status.state === 'exited' || status.state === 'dead';
}

function exitOf(status: ContainerStatus): ProgramExit {
  const { exitCode, outOfMemory, error, startedAtMs, finishedAtMs } = status;
  return { exitCode, outOfMemory, error, startedAtMs, finishedAtMs };
}

/** True for the engine's answer that it has no such container. */
function isMissing(error: unknown): boolean {
  return error instanceof DockerApiError && error.statusCode === 404;
}

function gone(id: string): ProgramGoneError {
  return new ProgramGoneError(
    `The container ${id.slice(0, 12)} was removed by someone else: its exit code is not known.`,
    {
      hint: 'What it wrote until then is in the logs of the run folder. Launch again.',
    },
  );
}

/**
 * Throws UnavailableError where an engine cannot give GPUs. Docker itself says so only at the start, and in its own words;
 * an image takes minutes.
 */
export async function requireGpuRuntime(engine: DockerEngine, signal: AbortSignal): Promise<void> {
  const [{ runtimes }, hasHook] = await Promise.all([
    engine.info({ signal }),
    engine.isLocal ? isInstalled('nvidia-container-runtime-hook') : Promise.resolve(true),
  ]);
  if (hasHook || runtimes.includes('nvidia')) return;
  throw new UnavailableError(
    'GPUs were asked for with --gpus, and this Docker engine has no NVIDIA runtime to give them.',
    {
      hint: 'Install the NVIDIA Container Toolkit on a machine with an NVIDIA driver, or run without --gpus.',
    },
  );
}

async function isInstalled(program: string): Promise<boolean> {
  const folders = `${environment().PATH ?? ''}${delimiter}/usr/bin${delimiter}/usr/local/bin`.split(delimiter);
  const found = await Promise.all(
    folders.map((folder) =>
      access(join(folder, program), constants.X_OK).then(
        () => true,
        () => false,
      ),
    ),
  );
  return found.includes(true);
}
