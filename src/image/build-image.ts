import { environment } from '../config.ts';
import { buildProgress, type DockerEngine, type ImageDetails } from '../docker/index.ts';
import { UnavailableError } from '../errors.ts';
import { currentUser } from '../util/current-user.ts';
import { formatBytes } from '../util/format.ts';
import { acquireProcessLock } from '../util/process-lock.ts';
import { type BaseImageOptions, ensureBaseImage, shortId } from './base-image.ts';
import type { ImageContext } from './describe-context.ts';
import { hostTrust } from './host-trust.ts';
import { packContext } from './pack-context.ts';
import { foreignPrefix, type ImageRecipe, recipeDigest } from './recipe.ts';

/** An image that is to be there, and how it is made where it is not. */
export interface ImageOrder {
  readonly reference: string;
  /** Whose image it is, for its label. */
  readonly projectName: string;
  readonly commit: string | null;
  readonly recipe: ImageRecipe;
  /** Asked where the image must be built. */
  readonly describe: () => Promise<ImageContext>;
}

/** Labels of every image built here. */
export const imageLabels = {
  project: 'slipway.project',
  commit: 'slipway.commit',
  build: 'slipway.build',
  baseId: 'slipway.base-id',
  strict: 'slipway.strict',
  /** The uid of whoever had it built. */
  owner: 'slipway.owner',
} as const;

/** Proxies of this machine: the engine knows these arguments and keeps them out of the image's history. */
const proxyVariables = ['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY', 'http_proxy', 'https_proxy', 'no_proxy'];

/** The image that is there, told to those who ask why it is used; else why there is none. */
export type Reusable = { readonly image: ImageDetails } | { readonly missing: string };

/**
 * An image of this name counts only where it was built as it would be built now, on the base there is now; where there
 * is none, why not: a clause.
 */
export async function findReusable(engine: DockerEngine, order: ImageOrder, signal: AbortSignal): Promise<Reusable> {
  const { recipe } = order;
  const [image, base] = await Promise.all([
    engine.inspectImage(order.reference, { signal }),
    recipe.base === null ? null : engine.inspectImage(recipe.base, { signal }),
  ]);
  if (image === null) return { missing: 'the engine has none of that name' };
  const { labels } = image;
  if (labels[imageLabels.build] !== recipeDigest(recipe)) {
    return { missing: 'the one there is comes from another Dockerfile, target, build argument or base image' };
  }
  if (labels[imageLabels.commit] !== (order.commit ?? '')) return { missing: 'the one there is has another commit' };
  // A base that is not here (any more) cannot have changed.
  if (base !== null && base.id !== labels[imageLabels.baseId]) {
    return { missing: `its base image ${recipe.base} has changed since` };
  }
  return { image };
}

/** Tells those who ask that an image is used as it is, and on what it stands. */
export function tellReused(order: ImageOrder, image: ImageDetails, options: BaseImageOptions): void {
  const base = image.labels[imageLabels.baseId];
  const on = base ? ` on the base ${shortId(base)}` : '';
  options.onDetail?.(`Image ${order.reference} (${shortId(image.id)}) is reused: built from the same recipe${on}.`);
}

/**
 * Builds an image unless another process has just done so. `reused` says that.
 * Throws ImageBuildError with the failed step and its last lines, UnavailableError where its base cannot be had.
 */
export async function buildImage(
  engine: DockerEngine,
  order: ImageOrder,
  options: BaseImageOptions,
): Promise<{ readonly image: ImageDetails; readonly reused: boolean }> {
  await using _lock = await acquireProcessLock(`slipway-image ${order.reference}`, {
    signal: options.signal,
    onWait: () => options.onProgress(`Waiting for ${order.reference}, which is being built already`),
  });
  const built = await findReusable(engine, order, options.signal);
  if ('image' in built) {
    tellReused(order, built.image, options);
    return { image: built.image, reused: true };
  }
  options.onDetail?.(`Image ${order.reference} is built: ${built.missing}.`);
  await build(engine, order, options);
  const image = await engine.inspectImage(order.reference, options);
  if (image === null) {
    throw new UnavailableError(`The image ${order.reference} was removed as soon as it was built.`, {
      hint: 'Is someone cleaning up the engine? Launch again.',
    });
  }
  return { image, reused: false };
}

async function build(engine: DockerEngine, order: ImageOrder, options: BaseImageOptions): Promise<void> {
  const { recipe } = order;
  const context = await order.describe();
  for (const { path, reason } of context.excluded) options.onNotice(`Not in the image: ${path} ${reason}.`);
  const base = recipe.base === null ? null : await ensureBaseImage(engine, recipe.base, options);
  const variables = environment();
  const trust = recipe.isGenerated ? [] : await hostTrust(variables);
  const files = recipe.isGenerated ? context.files.filter((file) => file.path !== 'Dockerfile') : context.files;
  const added = trust.map((file) => ({ path: `.ca/${file.name}`, content: file.content }));
  if (recipe.isGenerated) added.push({ path: 'Dockerfile', content: recipe.dockerfile });
  const sizeBytes = files.reduce((sum, file) => sum + file.sizeBytes, 0);
  options.onProgress(`Sending ${files.length} files (${formatBytes(sizeBytes)})`);
  await engine.buildImage({
    context: packContext(context.directory, files, added, recipe.isGenerated ? foreignPrefix : ''),
    ...(recipe.target === null ? {} : { target: recipe.target }),
    tags: [order.reference],
    buildArguments: {
      ...recipe.buildArguments,
      ...(base === null ? {} : { BASE_IMAGE: base.reference }),
      ...Object.fromEntries(proxyVariables.flatMap((name) => (variables[name] ? [[name, variables[name]]] : []))),
    },
    labels: {
      [imageLabels.project]: order.projectName,
      [imageLabels.commit]: order.commit ?? '',
      [imageLabels.build]: recipeDigest(recipe),
      [imageLabels.baseId]: base?.id ?? '',
      [imageLabels.owner]: String(currentUser().uid),
    },
    onLine: buildProgress(options.onProgress),
    signal: options.signal,
  });
}
