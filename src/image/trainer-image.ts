import type { DockerEngine } from '../docker/index.ts';
import { trainerImageName } from '../trainer-program/index.ts';
import { packageRoot, packageVersion } from '../util/package-root.ts';
import { type BaseImageOptions, defaultBaseImage } from './base-image.ts';
import { buildImage, findReusable, type ImageOrder, tellReused } from './build-image.ts';
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

/** The order of the trainer's image: `slipway-trainer:<version>-<digest of its files>[-gpu]`, from this installation. */
export async function trainerOrder(
  { flavor, base: asked }: TrainerImageRequest,
  signal: AbortSignal,
): Promise<ImageOrder> {
  const directory = packageRoot();
  const context = await describeTrainerContext(directory, signal);
  const tag = `${packageVersion()}-${(context.treeHash ?? '').slice(0, 12)}${flavor === 'gpu' ? '-gpu' : ''}`;
  const base = asked === trainerImageName ? defaultBaseImage : asked;
  return {
    reference: `${trainerImageName}:${tag}`,
    projectName: trainerImageName,
    commit: null,
    recipe: await readRecipe({ directory, base, dockerImage: null, flavor }),
    describe: async () => context,
  };
}

/**
 * Has the image of an order of the trainer, built where the engine does not have it.
 * Throws ImageBuildError with the failed step and its last lines, UnavailableError where its base cannot be had.
 */
export async function ensureTrainerImage(
  engine: DockerEngine,
  order: ImageOrder,
  options: BaseImageOptions & { readonly step?: ShowStep },
): Promise<void> {
  const present = await findReusable(engine, order, options.signal);
  if ('image' in present) {
    tellReused(order, present.image, options);
    return;
  }
  const build = (onProgress: (text: string) => void) => buildImage(engine, order, { ...options, onProgress });
  if (options.step === undefined) await build(options.onProgress);
  else await options.step('trainer-image', `trainer ${order.reference}`, build);
}
