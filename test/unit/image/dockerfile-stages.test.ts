import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, it } from 'vitest';
import { stageChain } from '../../../src/image/dockerfile-stages.ts';

const text = `ARG BASE_IMAGE=node:24-slim
ARG VARIANT
# FROM nothing
FROM --platform=linux/amd64 \${BASE_IMAGE} AS build
LABEL one=1 both="of \\
build"
FROM build as Middle
LABEL both=middle "slipway.strict"='true'
FROM scratch
COPY --from=build /x /x
FROM middle AS trainer
FROM other:\${VARIANT:-plain} AS other
`;

it('follows a target through its stages to the image it begins with, its own labels winning', () => {
  expect(stageChain(text, 'trainer', {})).toEqual({
    labels: { one: '1', both: 'middle', 'slipway.strict': 'true' },
    base: 'node:24-slim',
  });
  expect(stageChain(text, 'trainer', { BASE_IMAGE: 'mine:1' }).base).toBe('mine:1');
});

it('takes the last stage where no target is named, and the defaults of arguments', () => {
  expect(stageChain(text, null, {})).toEqual({ labels: {}, base: 'other:plain' });
  expect(stageChain(text, null, { VARIANT: 'gpu' }).base).toBe('other:gpu');
  expect(stageChain('FROM scratch\n', null, {})).toEqual({ labels: {}, base: null });
  expect(stageChain(text, 'missing', {})).toEqual({ labels: {}, base: null });
});

it('knows the label of our own trainer', () => {
  const own = readFileSync(resolve(import.meta.dirname, '../../../Dockerfile'), 'utf8');
  expect(stageChain(own, 'trainer', {}).labels['slipway.strict']).toBe('true');
});
