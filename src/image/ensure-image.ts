import type { DockerEngine, ImageDetails } from '../docker/index.ts';
import { UsageError } from '../errors.ts';
import { trainerImageName } from '../trainer-program/index.ts';
import type { BaseImageOptions } from './base-image.ts';
import { buildImage, findReusable, type ImageOrder, imageLabels, tellReused } from './build-image.ts';
import { describeContext, type ImageContext } from './describe-context.ts';
import { type ImageRecipe, readRecipe, recipeDigest } from './recipe.ts';
import { ensureTrainerImage, type ShowStep } from './trainer-image.ts';

/** What an image is made for. */
export interface ImageRequest {
  readonly reference: string;
  readonly projectName: string;
  readonly directory: string;
  readonly base: string;
  readonly dockerImage: string | null;
  readonly flavor: 'cpu' | 'gpu';
  readonly commit: string | null;
  /** Digest of the tree at launch; null for a clean one. */
  readonly treeHash: string | null;
  readonly storageDirectory: string;
  /** Digest of how it must be built: as the image that it stands for was. Null or missing where that does not matter. */
  readonly recipe?: string | null;
}

/** An image that is there. */
export interface ReadyImage {
  readonly name: string;
  readonly id: string;
  readonly reused: boolean;
  /** Digest of how it was built. */
  readonly recipe: string;
  /** True for images whose programs run with a read-only root and without capabilities. */
  readonly isStrict: boolean;
  /** Folder of the code inside. */
  readonly workingDirectory: string;
}

/**
 * Returns the image of a piece of code: the one that is there, where it was built from the same recipe, else a new one.
 * Throws ImageBuildError with the failed step and its last lines, UnavailableError where its base cannot be had.
 */
export async function ensureImage(
  engine: DockerEngine,
  request: ImageRequest,
  options: BaseImageOptions & { readonly step?: ShowStep },
): Promise<ReadyImage> {
  const order: ImageOrder = {
    reference: request.reference,
    projectName: request.projectName,
    commit: request.commit,
    recipe: await onTrainer(engine, request, await readRecipe(request), options),
    describe: () => describeAsLaunched(request, options.signal),
  };
  const digest = recipeDigest(order.recipe);
  if (request.recipe != null && request.recipe !== digest) {
    throw new UsageError(
      `The image ${request.reference} is gone, and would not be built again as it was: another Dockerfile, base image or version of Slipway stands here now.`,
      { hint: 'Bring the image back, or launch a run of its own.' },
    );
  }
  const present = await findReusable(engine, order, options.signal);
  if ('image' in present) {
    tellReused(order, present.image, options);
    return ready(request, present.image, digest, true);
  }
  const { image, reused } = await buildImage(engine, order, options);
  return ready(request, image, digest, reused);
}

/** The trainer that comes with Slipway is in no registry: its image is made here, before what is built upon it. */
async function onTrainer(
  engine: DockerEngine,
  request: ImageRequest,
  recipe: ImageRecipe,
  options: BaseImageOptions & { readonly step?: ShowStep },
): Promise<ImageRecipe> {
  if (!recipe.isGenerated || recipe.base !== trainerImageName) return recipe;
  const { flavor, base } = request;
  return { ...recipe, base: await ensureTrainerImage(engine, { flavor, base }, options) };
}

async function describeAsLaunched(request: ImageRequest, signal: AbortSignal): Promise<ImageContext> {
  const context = await describeContext(request.directory, { signal, exclude: [request.storageDirectory] });
  if (context.treeHash === request.treeHash) return context;
  throw new UsageError(
    `Files in ${request.directory} changed between launch and build: the image would not be what was asked for.`,
    { hint: 'Launch again.' },
  );
}

function ready(request: ImageRequest, image: ImageDetails, recipe: string, reused: boolean): ReadyImage {
  return {
    name: request.reference,
    id: image.id,
    reused,
    recipe,
    isStrict: image.labels[imageLabels.strict] === 'true',
    workingDirectory: image.workingDirectory === '' ? '/' : image.workingDirectory,
  };
}
