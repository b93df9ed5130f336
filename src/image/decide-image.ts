import type { DockerEngine, ImageDetails } from '../docker/index.ts';
import { UsageError } from '../errors.ts';
import { trainerImageName } from '../trainer-program/index.ts';
import { findReusable, type ImageOrder, imageLabels, type Reusable } from './build-image.ts';
import { describeContext, type ImageContext } from './describe-context.ts';
import { stageChain } from './dockerfile-stages.ts';
import { type ImageRecipe, readRecipe, recipeDigest } from './recipe.ts';
import { trainerOrder } from './trainer-image.ts';

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

/** What will be done to have an image. */
export interface ImageDecision {
  readonly order: ImageOrder;
  /** The image that is used as it is, or why one must be built: a clause. */
  readonly present: Reusable;
  /** The order of the trainer's image that this one is built upon, and whether it is there; null for every other base. */
  readonly trainer: { readonly order: ImageOrder; readonly present: Reusable } | null;
  /** Whether its programs run with a read-only root and without capabilities. */
  readonly isStrict: boolean;
}

/**
 * Decides how the image of a piece of code is had: the one that is there, where it was built from the same recipe, else a
 * new one. Nothing is made. Throws UsageError where it would not be what it stands for.
 */
export async function decideImage(
  engine: DockerEngine,
  request: ImageRequest,
  signal: AbortSignal,
): Promise<ImageDecision> {
  const asRead = await readRecipe(request);
  const trainer = usesTrainer(asRead) ? await decideTrainer(engine, request, signal) : null;
  const recipe = trainer === null ? asRead : { ...asRead, base: trainer.order.reference };
  const { reference, projectName, commit } = request;
  const describe = () => describeAsLaunched(request, signal);
  const order: ImageOrder = { reference, projectName, commit, recipe, describe };
  if (request.recipe != null && request.recipe !== recipeDigest(recipe)) {
    throw new UsageError(
      `The image ${request.reference} is gone, and would not be built again as it was: another Dockerfile, base image or version of Slipway stands here now.`,
      { hint: 'Bring the image back, or launch a run of its own.' },
    );
  }
  const found = await findReusable(engine, order, signal);
  const present: Reusable =
    trainer !== null && 'missing' in trainer.present && 'image' in found
      ? { missing: `its base image ${trainer.order.reference} must be built first: ${trainer.present.missing}` }
      : found;
  const isStrict =
    'image' in present ? isStrictImage(present.image) : await willBeStrict(engine, order, trainer, signal);
  return { order, present, trainer, isStrict };
}

/** Whether programs of an image need nothing but /storage and /tmp, as its label says. */
export function isStrictImage({ labels }: Pick<ImageDetails, 'labels'>): boolean {
  return labels[imageLabels.strict] === 'true';
}

/** The trainer that comes with Slipway is in no registry: its image is made here, before what is built upon it. */
function usesTrainer({ isGenerated, base }: ImageRecipe): boolean {
  return isGenerated && base === trainerImageName;
}

async function decideTrainer(
  engine: DockerEngine,
  { flavor, base }: ImageRequest,
  signal: AbortSignal,
): Promise<NonNullable<ImageDecision['trainer']>> {
  const order = await trainerOrder({ flavor, base }, signal);
  return { order, present: await findReusable(engine, order, signal) };
}

/** The label of an image that is still to be built: from its Dockerfile, or from what that begins with. */
async function willBeStrict(
  engine: DockerEngine,
  { recipe }: ImageOrder,
  trainer: ImageDecision['trainer'],
  signal: AbortSignal,
): Promise<boolean> {
  const chain = stageChain(recipe.dockerfile, recipe.target, {
    ...recipe.buildArguments,
    BASE_IMAGE: recipe.base ?? '',
  });
  const label = chain.labels[imageLabels.strict];
  if (label !== undefined) return label === 'true';
  if (trainer !== null && 'missing' in trainer.present) return willBeStrict(engine, trainer.order, null, signal);
  const base = chain.base === null ? null : await engine.inspectImage(chain.base, { signal });
  return base !== null && isStrictImage(base);
}

async function describeAsLaunched(request: ImageRequest, signal: AbortSignal): Promise<ImageContext> {
  const context = await describeContext(request.directory, { signal, exclude: [request.storageDirectory] });
  if (context.treeHash === request.treeHash) return context;
  throw new UsageError(
    `Files in ${request.directory} changed between launch and build: the image would not be what was asked for.`,
    { hint: 'Launch again.' },
  );
}
