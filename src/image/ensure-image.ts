import type { DockerEngine, ImageDetails } from '../docker/index.ts';
import type { BaseImageOptions } from './base-image.ts';
import { buildImage, tellReused } from './build-image.ts';
import { decideImage, type ImageRequest, isStrictImage } from './decide-image.ts';
import { recipeDigest } from './recipe.ts';
import { ensureTrainerImage, type ShowStep } from './trainer-image.ts';

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
  const { order, present, trainer } = await decideImage(engine, request, options.signal);
  const digest = recipeDigest(order.recipe);
  if (trainer !== null) await ensureTrainerImage(engine, trainer.order, options);
  if ('image' in present) {
    tellReused(order, present.image, options);
    return ready(request, present.image, digest, true);
  }
  const { image, reused } = await buildImage(engine, order, options);
  return ready(request, image, digest, reused);
}

function ready(request: ImageRequest, image: ImageDetails, recipe: string, reused: boolean): ReadyImage {
  return {
    name: request.reference,
    id: image.id,
    reused,
    recipe,
    isStrict: isStrictImage(image),
    workingDirectory: image.workingDirectory === '' ? '/' : image.workingDirectory,
  };
}
