import { describe, expect, it } from 'vitest';
import { buildProgress } from '../../../src/docker/build-progress.ts';

/** What a person who waits sees change, one thing after the other. */
function news(...lines: string[]): string[] {
  const told: string[] = [];
  const take = buildProgress((text) => {
    if (text !== told.at(-1)) told.push(text);
  });
  for (const line of lines) take(line);
  return told;
}

describe('the progress of a build', () => {
  it('names the step, and what it wrote last beside it', () => {
    expect(news('Step 3/12 : RUN npm ci', ' ---> Running in 0123456789ab', 'added 250 packages in 9s')).toEqual([
      'step 3/12 · npm ci',
      'step 3/12 · added 250 packages in 9s',
    ]);
  });

  it('leaves out what the builder says of itself', () => {
    const noise = [' ---> Using cache', ' ---> 0123456789ab', 'Removing intermediate container 0123456789ab'];
    expect(news(...noise, 'Successfully built 0123456789ab', 'Successfully tagged cells:1', '  ')).toEqual([]);
  });

  it.each([
    ['RUN apt-get update   && apt-get install -y x', 'apt-get update'],
    [
      "RUN python3 -c 'import venv; import ensurepip' 2>/dev/null || { apt-get update; }",
      "python3 -c 'import venv; import ensurepip'",
    ],
    ['RUN --mount=type=cache,target=/root/.npm npm ci', 'npm ci'],
    ['FROM node:24-slim AS trainer', 'base image node:24-slim AS trainer'],
    ['COPY --from=build /a /b', 'copying /a /b'],
    ['ENV A=b', 'ENV A=b'],
    [`RUN ${'package '.repeat(20)}`, `${'package '.repeat(9).slice(0, 69)}…`],
    ['RUN ( cd x )', '( cd x )'],
    ['RUN && broken', '&& broken'],
  ])('says of %s that it is %s', (instruction, said) => {
    expect(news(`Step 1/2 : ${instruction}`)).toEqual([`step 1/2 · ${said}`]);
  });

  it('says what installers write as a person would', () => {
    const step = 'Step 5/17 : RUN sh install.sh';
    const said = (line: string) => news(step, line)[1];
    expect(said('Setting up python3-minimal (3.11.2-1+b1) ...')).toBe('step 5/17 · Setting up python3-minimal');
    expect(said('Unpacking libexpat1:amd64 (2.5.0-1+deb12u1) ...')).toBe('step 5/17 · Unpacking libexpat1');
    expect(said(`Successfully installed ${'package-1.0 '.repeat(120)}`)).toBe('step 5/17 · Installed 120 packages');
    expect(said('Successfully installed mlflow-3.17.2')).toBe('step 5/17 · Installed a package');
    expect(said('Get:7 http://deb.example/debian bookworm/main amd64 python3 amd64 3.11.2-1+b1 [26.3 kB]')).toBe(
      'step 5/17 · Downloading python3 [26.3 kB]',
    );
  });

  it('hands on every line whole, for someone who reads them all', () => {
    const lines: string[] = [];
    const take = buildProgress((_text, line) => lines.push(line));
    const build = ['Step 1/1 : RUN npm ci', ' ---> Using cache', 'added 250 packages   in 9s', ' ---> 0123456789ab'];
    for (const line of build) take(line);
    expect(lines).toEqual(build);
  });

  it('hands on lines that come before the first step', () => {
    expect(news('proxy says hello')).toEqual(['proxy says hello']);
  });
});
