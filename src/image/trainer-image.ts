import type { DockerEngine } from '../docker/index.ts';
import { trainerImageName } from '../trainer-program/index.ts';
import { packageRoot, packageVersion } from '../util/package-root.ts';
import { type BaseImageOptions, defaultBaseImage } from './base-image.ts';
import { buildImage, findReusable, tellReused } from './build-image.ts';
import { readRecipe } from './recipe.ts';
import { describeTrainerContext } from './trainer-context.ts';

/** Shows a piece of work as a step of its own, with its live lines. */
export type ShowStep = <Result>(
  id: string,
  title: string,
  work: (onProgress: (text: string) => void) => Promise<Result>,
) => Promise<Result>;

export interface TrainerImageRequest {
  readonly flavor: 'cpu' | 'gpu';
  /** The base image as asked for; the trainer's own name means the usual one. */
  readonly base: string;
}

/**
 * Returns the name of an image of the trainer that comes with Slipway, `slipway-trainer:<version>-<digest of its
 * files>[-gpu]`, built from this installation where the engine does not have it.
 * Throws ImageBuildError with the failed step and its last lines, UnavailableError where its base cannot be had.
 */
export async function ensureTrainerImage(
  engine: DockerEngine,
  request: TrainerImageRequest,
  options: BaseImageOptions & { readonly step?: ShowStep },
): Promise<string> {
  const { flavor } = request;
  const { signal } = options;
  const directory = packageRoot();
  const context = await describeTrainerContext(directory, signal);
  const tag = `${packageVersion()}-${(context.treeHash ?? '').slice(0, 12)}${flavor === 'gpu' ? '-gpu' : ''}`;
  const base = request.base === trainerImageName ? defaultBaseImage : request.base;
  const order = {
    reference: `${trainerImageName}:${tag}`,
    projectName: trainerImageName,
    commit: null,
    recipe: await readRecipe({ directory, base, dockerImage: null, flavor }),
    describe: async () => context,
  };
  const present = await findReusable(engine, order, signal);
  if ('image' in present) {
    tellReused(order, present.image, options);
    return order.reference;
  }
  const build = (onProgress: (text: string) => void) => buildImage(engine, order, { ...options, onProgress });
  if (options.step === undefined) await build(options.onProgress);
  else await options.step('trainer-image', `trainer ${order.reference}`, build);
  return order.reference;
}
