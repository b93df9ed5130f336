import { environment } from '../config.ts';
import { buildProgress, type DockerEngine, type ImageDetails } from '../docker/index.ts';
import { UnavailableError, UsageError } from '../errors.ts';
import { formatBytes } from '../util/format.ts';
import { acquireProcessLock } from '../util/process-lock.ts';
import { type BaseImageOptions, ensureBaseImage, shortId } from './base-image.ts';
import { describeContext } from './describe-context.ts';
import { hostTrust } from './host-trust.ts';
import { packContext } from './pack-context.ts';
import { foreignPrefix, type ImageRecipe, readRecipe, recipeDigest } from './recipe.ts';

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
}

/** An image that is there. */
export interface ReadyImage {
  readonly name: string;
  readonly id: string;
  readonly reused: boolean;
  /** True for images whose programs run with a read-only root and without capabilities. */
  readonly isStrict: boolean;
  /** Folder of the code inside. */
  readonly workingDirectory: string;
}

/** Labels of every image built here. */
export const imageLabels = {
  project: 'slipway.project',
  commit: 'slipway.commit',
  build: 'slipway.build',
  baseId: 'slipway.base-id',
  strict: 'slipway.strict',
} as const;

/** Proxies of this machine: the engine knows these arguments and keeps them out of the image's history. */
const proxyVariables = ['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY', 'http_proxy', 'https_proxy', 'no_proxy'];

/**
 * Returns the image of a piece of code: the one that is there, where it was built from the same recipe, else a new one.
 * Throws ImageBuildError with the failed step and its last lines, UnavailableError where its base cannot be had.
 */
export async function ensureImage(
  engine: DockerEngine,
  request: ImageRequest,
  options: BaseImageOptions,
): Promise<ReadyImage> {
  const recipe = await readRecipe(request);
  const present = await findReusable(engine, request, recipe, options.signal);
  if ('image' in present) return reused(request, present.image, options);
  await using _lock = await acquireProcessLock(`slipway-image ${request.reference}`, {
    signal: options.signal,
    onWait: () => options.onProgress(`Waiting for another launch that builds ${request.reference}`),
  });
  const built = await findReusable(engine, request, recipe, options.signal);
  if ('image' in built) return reused(request, built.image, options);
  options.onDetail?.(`Image ${request.reference} is built: ${built.missing}.`);
  await buildImage(engine, request, recipe, options);
  const image = await engine.inspectImage(request.reference, options);
  if (image === null) {
    throw new UnavailableError(`The image ${request.reference} was removed as soon as it was built.`, {
      hint: 'Is someone cleaning up the engine? Launch again.',
    });
  }
  return ready(request, image, false);
}

function reused(request: ImageRequest, image: ImageDetails, options: BaseImageOptions): ReadyImage {
  const base = image.labels[imageLabels.baseId];
  const on = base ? ` on the base ${shortId(base)}` : '';
  options.onDetail?.(`Image ${request.reference} (${shortId(image.id)}) is reused: built from the same recipe${on}.`);
  return ready(request, image, true);
}

/**
 * An image of this name counts only where it was built as it would be built now, on the base there is now; where there
 * is none, why not.
 */
async function findReusable(
  engine: DockerEngine,
  request: ImageRequest,
  recipe: ImageRecipe,
  signal: AbortSignal,
): Promise<{ readonly image: ImageDetails } | { readonly missing: string }> {
  const [image, base] = await Promise.all([
    engine.inspectImage(request.reference, { signal }),
    recipe.base === null ? null : engine.inspectImage(recipe.base, { signal }),
  ]);
  if (image === null) return { missing: 'the engine has none of that name' };
  const { labels } = image;
  if (labels[imageLabels.build] !== recipeDigest(recipe)) {
    return { missing: 'the one there is comes from another Dockerfile, target, build argument or base image' };
  }
  if (labels[imageLabels.commit] !== (request.commit ?? '')) return { missing: 'the one there is has another commit' };
  // A base that is not here (any more) cannot have changed.
  if (base !== null && base.id !== labels[imageLabels.baseId]) {
    return { missing: `its base image ${recipe.base} has changed since` };
  }
  return { image };
}

async function buildImage(
  engine: DockerEngine,
  request: ImageRequest,
  recipe: ImageRecipe,
  options: BaseImageOptions,
): Promise<void> {
  const { signal } = options;
  const context = await describeContext(request.directory, { signal, exclude: [request.storageDirectory] });
  if (context.treeHash !== request.treeHash) {
    throw new UsageError(
      `Files in ${request.directory} changed between launch and build: the image would not be what was asked for.`,
      {
        hint: 'Launch again.',
      },
    );
  }
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
    tags: [request.reference],
    buildArguments: {
      ...recipe.buildArguments,
      ...(base === null ? {} : { BASE_IMAGE: base.reference }),
      ...Object.fromEntries(proxyVariables.flatMap((name) => (variables[name] ? [[name, variables[name]]] : []))),
    },
    labels: {
      [imageLabels.project]: request.projectName,
      [imageLabels.commit]: request.commit ?? '',
      [imageLabels.build]: recipeDigest(recipe),
      [imageLabels.baseId]: base?.id ?? '',
    },
    onLine: buildProgress(options.onProgress),
    signal,
  });
}

function ready(request: ImageRequest, image: ImageDetails, reused: boolean): ReadyImage {
  return {
    name: request.reference,
    id: image.id,
    reused,
    isStrict: image.labels[imageLabels.strict] === 'true',
    workingDirectory: image.workingDirectory === '' ? '/' : image.workingDirectory,
  };
}
