import { describe, expect, it } from 'vitest';
import { buildProgress } from '../../../src/docker/build-progress.ts';

function news(...lines: string[]): string[] {
  const told: string[] = [];
  const take = buildProgress((text) => told.push(text));
  for (const line of lines) take(line);
  return told;
}

describe('the progress of a build', () => {
  it('names the step, and what it wrote last beside it', () => {
    expect(news('Step 3/12 : RUN npm ci', ' ---> Running in 0123456789ab', 'added 250 packages in 9s')).toEqual([
      'step 3/12: RUN npm ci',
      'step 3/12: RUN npm ci · added 250 packages in 9s',
    ]);
  });

  it('leaves out what the builder says of itself', () => {
    const noise = [' ---> Using cache', ' ---> 0123456789ab', 'Removing intermediate container 0123456789ab'];
    expect(news(...noise, 'Successfully built 0123456789ab', 'Successfully tagged cells:1', '  ')).toEqual([]);
  });

  it('cuts an instruction of many lines, so that its output has room', () => {
    const [step] = news(`Step 1/2 : RUN apt-get update   && apt-get install -y ${'package '.repeat(20)}`);
    expect(step).toBe('step 1/2: RUN apt-get update && apt-get install -y package package pa…');
  });

  it('hands on lines that come before the first step', () => {
    expect(news('proxy says hello')).toEqual(['proxy says hello']);
  });
});
