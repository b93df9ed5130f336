import { writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { UsageError } from '../../../src/errors.ts';
import { defaultBaseImage } from '../../../src/image/index.ts';
import { readRecipe, recipeDigest } from '../../../src/image/recipe.ts';
import { trainerImageName } from '../../../src/trainer-program/index.ts';
import { temporaryDirectory } from '../../support/index.ts';

const request = { base: 'node:24-slim', dockerImage: null, flavor: 'cpu' } as const;

describe('how an image is built', () => {
  it('is as the Dockerfile says, with the arguments it declares and the stage of the trainer', async () => {
    await using project = await temporaryDirectory();
    writeFileSync(
      project.join('Dockerfile'),
      'ARG BASE_IMAGE=x\nFROM $BASE_IMAGE AS build\nARG FLAVOR\nFROM build AS trainer\n',
    );
    const recipe = await readRecipe({ ...request, directory: project.path, base: 'mine:1', flavor: 'gpu' });
    expect(recipe).toMatchObject({
      isGenerated: false,
      target: 'trainer',
      base: 'mine:1',
      buildArguments: { FLAVOR: 'gpu' },
    });
  });

  it('leaves a Dockerfile alone that names its own base', async () => {
    await using project = await temporaryDirectory();
    writeFileSync(project.join('Dockerfile'), 'FROM debian:12\n');
    const recipe = await readRecipe({ ...request, directory: project.path });
    expect(recipe).toMatchObject({ target: null, base: null, buildArguments: {} });
  });

  it('does not take the image an MLproject names beside a Dockerfile for its base', async () => {
    await using project = await temporaryDirectory();
    writeFileSync(project.join('Dockerfile'), 'ARG BASE_IMAGE\nFROM $BASE_IMAGE\n');
    const named = { ...request, base: 'result:latest', dockerImage: 'result:latest' };
    expect((await readRecipe({ ...named, directory: project.path })).base).toBe(defaultBaseImage);
  });

  it('is docker_env.image plus the code where there is no Dockerfile', async () => {
    await using project = await temporaryDirectory();
    const named = { ...request, base: 'team/python:3', dockerImage: 'team/python:3' };
    const recipe = await readRecipe({ ...named, directory: project.path });
    expect(recipe).toMatchObject({ isGenerated: true, base: 'team/python:3' });
    expect(recipe.dockerfile).toContain('WORKDIR /mlflow/projects/code');
  });

  it('is the base image that a person has named plus the code, in place of docker_env.image', async () => {
    await using project = await temporaryDirectory();
    const named = { ...request, base: 'mine:1', dockerImage: 'team/python:3' };
    expect(await readRecipe({ ...named, directory: project.path })).toMatchObject({
      isGenerated: true,
      base: 'mine:1',
    });
  });

  it('stays upon the image of the trainer, which itself is built upon the one that was named', async () => {
    await using project = await temporaryDirectory();
    const named = { ...request, base: 'mine:1', dockerImage: trainerImageName };
    expect(await readRecipe({ ...named, directory: project.path })).toMatchObject({ base: trainerImageName });
  });

  it('needs one of them', async () => {
    await using project = await temporaryDirectory();
    const reading = readRecipe({ ...request, directory: project.path });
    await expect(reading).rejects.toThrow(UsageError);
    await expect(reading).rejects.toThrow('neither a Dockerfile nor docker_env.image');
  });
});

describe('the digest that decides about using an image again', () => {
  const recipe = { dockerfile: 'FROM x', isGenerated: false, target: 'trainer', base: 'x', buildArguments: { A: '1' } };

  it('differs with the Dockerfile, the target, the base and each argument', () => {
    const digests = [
      recipe,
      { ...recipe, dockerfile: 'FROM y' },
      { ...recipe, target: null },
      { ...recipe, base: 'y' },
      { ...recipe, buildArguments: { A: '2' } },
    ].map(recipeDigest);
    expect(new Set(digests).size).toBe(digests.length);
  });

  it('does not depend on the order of the arguments', () => {
    const digest = recipeDigest({ ...recipe, buildArguments: { A: '1', B: '2' } });
    expect(recipeDigest({ ...recipe, buildArguments: { B: '2', A: '1' } })).toBe(digest);
  });
});
