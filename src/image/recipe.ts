import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { errorCode, UsageError } from '../errors.ts';
import { trainerImageName } from '../trainer-program/index.ts';
import { sha256 } from '../util/sha256.ts';
import { defaultBaseImage } from './base-image.ts';

/** Where a foreign project's code lies in the image made from its `docker_env.image`, as under `mlflow run`. */
export const foreignCodeDirectory = '/mlflow/projects/code';
/** Folder of the build context that becomes a foreign image's root: only folders below it keep their permissions. */
const foreignRoot = 'root/';
/** Folder of the build context that holds a foreign project's code. */
export const foreignPrefix = `${foreignRoot}${foreignCodeDirectory.slice(1)}/`;

/** How an image is built; a pure value. */
export interface ImageRecipe {
  readonly dockerfile: string;
  /** True for a Dockerfile made for `docker_env.image`; false for the project's own. */
  readonly isGenerated: boolean;
  readonly target: string | null;
  /** The base image as asked for; null where the Dockerfile names its own. */
  readonly base: string | null;
  readonly buildArguments: Readonly<Record<string, string>>;
}

export interface RecipeRequest {
  readonly directory: string;
  /** The base image of the plan. */
  readonly base: string;
  /** `docker_env.image`. */
  readonly dockerImage: string | null;
  readonly flavor: 'cpu' | 'gpu';
}

/**
 * Decides how a project's image is built: by its Dockerfile, else as `docker_env.image`, or what the person named in
 * its place, plus the code.
 * Throws UsageError where it has neither.
 */
export async function readRecipe(request: RecipeRequest): Promise<ImageRecipe> {
  const text = await readFile(join(request.directory, 'Dockerfile'), 'utf8').catch((error: unknown) => {
    if (errorCode(error) === 'ENOENT') return null;
    throw error;
  });
  if (text !== null) return ownRecipe(text, request);
  if (request.dockerImage === null) {
    throw new UsageError(
      `The project ${request.directory} has neither a Dockerfile nor docker_env.image in its MLproject: one of them must say what it runs in.`,
      { hint: 'Add `docker_env: {image: …}` to the MLproject, write a Dockerfile, or use --engine host.' },
    );
  }
  return {
    dockerfile: `ARG BASE_IMAGE\nFROM \${BASE_IMAGE}\nCOPY ${foreignRoot} /\nWORKDIR ${foreignCodeDirectory}\n`,
    isGenerated: true,
    target: null,
    // What a person names for a project on the trainer's image is what that is built upon.
    base: request.dockerImage === trainerImageName ? trainerImageName : request.base,
    buildArguments: {},
  };
}

/** The digest that decides whether an image can be used again: label `slipway.build`. */
export function recipeDigest(recipe: ImageRecipe): string {
  const { dockerfile, target, base, buildArguments } = recipe;
  return sha256(JSON.stringify([dockerfile, target, base, Object.entries(buildArguments).sort()])).slice(0, 32);
}

function ownRecipe(dockerfile: string, request: RecipeRequest): ImageRecipe {
  // An MLproject may name an image for `mlflow run` beside a Dockerfile: that is the result, not what it begins with.
  const base = request.base === request.dockerImage ? defaultBaseImage : request.base;
  const takesBase = declares(dockerfile, 'BASE_IMAGE');
  return {
    dockerfile,
    isGenerated: false,
    target: /^\s*FROM\s+\S+\s+AS\s+trainer\s*$/im.test(dockerfile) ? 'trainer' : null,
    base: takesBase ? base : null,
    buildArguments: declares(dockerfile, 'FLAVOR') ? { FLAVOR: request.flavor } : {},
  };
}

function declares(dockerfile: string, argument: string): boolean {
  return new RegExp(`^\\s*ARG\\s+${argument}\\b`, 'im').test(dockerfile);
}
